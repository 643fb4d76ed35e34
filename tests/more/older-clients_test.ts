/** Unmodified supabase-js, as old apps have it: every body that `functions.invoke` takes is understood. */
import assert from "node:assert/strict";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { signUp, WOOD } from "../e2e/project.ts";
import { createNpmProject } from "./npm-project.ts";

const USE = await Deno.readTextFile(new URL("fixtures/every-body.js.txt", import.meta.url));

const VERSIONS = ["2.39.8", "2.50.5", "2.80.0", "2.119.1"];

Deno.test("every body of older versions of supabase-js is understood", async (t) => {
  await using stack = await startTestStack({
    functionEnvironment: {
      RATE_LIMIT_PER_MINUTE: "1000",
      RATE_LIMIT_PER_DAY: "1000",
      RATE_LIMIT_CONCURRENT: "100",
    },
  });
  const { token } = await signUp(stack);
  await using project = await createNpmProject(null);
  await project.write("use-supabase.js", USE);
  await project.write(
    "arguments.json",
    JSON.stringify([stack.apiUrl, stack.publishableKey, token, WOOD]),
  );
  for (const version of VERSIONS) {
    await t.step(`supabase-js ${version}`, async () => {
      await project.install(`@supabase/supabase-js@${version}`);
      const printed = await project.run("node", "use-supabase.js");
      const outcomes: Record<string, string> = JSON.parse(printed.trim().split("\n").at(-1)!);
      assert.ok(Object.keys(outcomes).length > 20);
      for (const [name, outcome] of Object.entries(outcomes)) {
        // Where Content-Type is set, older versions leave serialising to the app: an object is lost.
        const isLost = version !== "2.119.1" && name.startsWith("an object, Content-Type set");
        if (isLost) assert.match(outcome, /body must (not be empty|be JSON)/, name);
        else assert.equal(outcome, "wood", name);
      }
    });
  }
});
