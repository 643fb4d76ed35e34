/** Whether others can build a client from the document alone. */
import assert from "node:assert/strict";
import openapiTs, { astToString } from "openapi-typescript";
import { buildDocument } from "../../../dev/openapi/document.ts";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";
import { startTestStack } from "../../../dev/stack/testing/test-database.ts";
import { signUp, TINY } from "../../e2e/project.ts";

const PROGRAM = `
import createClient from "openapi-fetch";
import type { paths } from ${"'./openapi.ts'"};

const [baseUrl, token, image_data] = Deno.args as [string, string, string];
const client = createClient<paths>({ baseUrl, headers: { Authorization: "Bearer " + token } });

const { data, error } = await client.POST("/semantic-analysis", { body: { image_data } });
// It would be text as a stream of events.
if (typeof data !== "object") throw new Error(JSON.stringify(error));
const family: string | undefined = data.material?.family;
// @ts-expect-error: the analysis is text.
const analysis: number = data.analysis;

const refused = await client.POST("/semantic-analysis", { body: { image_data: "?" } });
// @ts-expect-error: there is no such path.
client.GET("/semantic-analysis/nothing");
const limits = await client.GET("/semantic-analysis/limits");
console.log(JSON.stringify({
  family,
  analysis,
  code: refused.error?.error.code,
  remaining: limits.data?.minute.remaining,
}));
`;

Deno.test("a client that openapi-typescript generates compiles, and makes calls", async () => {
  const folder = await Deno.makeTempDir({ dir: `${projectDirectory}/tests/dev/openapi` });
  try {
    await Deno.writeTextFile(`${folder}/openapi.ts`, astToString(await openapiTs(buildDocument())));
    await Deno.writeTextFile(`${folder}/program.ts`, PROGRAM);
    await using stack = await startTestStack();
    const { token } = await signUp(stack);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--check",
        "-A",
        `${folder}/program.ts`,
        `${stack.apiUrl}/functions/v1`,
        token,
        TINY,
      ],
      cwd: projectDirectory,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const said = JSON.parse(new TextDecoder().decode(stdout));
    assert.equal(typeof said.family, "string");
    assert.equal(typeof said.analysis, "string");
    assert.equal(said.code, "INVALID_IMAGE");
    assert.equal(typeof said.remaining, "number");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
