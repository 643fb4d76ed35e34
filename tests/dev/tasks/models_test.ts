/** `deno task models`, asked of the stand-in. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";
import { standInApiKey, startStandIn } from "../../../dev/stack/functions/stand-in.ts";
import { loopback } from "../../../dev/stack/process/ports.ts";

async function runTask(baseUrl: string, apiKey = standInApiKey) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "models"],
    cwd: projectDirectory,
    env: { TOGETHER_BASE_URL: baseUrl, TOGETHER_API_KEY: apiKey },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout), errors: decode(stderr) };
}

/** Answers with the list of the stand-in, changed. */
async function serveChangedList(
  url: string,
  change: (models: { id: string; pricing: { input: number } }[]) => unknown,
) {
  const headers = { Authorization: `Bearer ${standInApiKey}` };
  const models = await (await fetch(`${url}/models`, { headers })).json();
  const server = Deno.serve(
    { hostname: loopback, port: 0, onListen: () => {} },
    () => Response.json(change(models)),
  );
  return {
    url: `http://${loopback}:${server.addr.port}/v1`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("deno task models", async (t) => {
  const { url, process } = await startStandIn();
  try {
    await t.step("says that the table is in step with the stand-in", async () => {
      const { code, output, errors } = await runTask(url);
      assert.equal(code, 0, errors);
      assert.match(output, /^The table is in step$/m);
      assert.match(output, /^ {2}local\/pixel-analyst: 0 \/ 0$/m);
      assert.doesNotMatch(output, /Gone|Repriced/);
    });

    await t.step("names what is gone, what has another price and some of what is new", async () => {
      await using changed = await serveChangedList(url, (models) => ({
        data: [
          ...models.filter(({ id }) => id !== "Qwen/Qwen3.8-Flash").map((model) =>
            model.id === "Qwen/Qwen3.5-9B"
              ? { ...model, pricing: { ...model.pricing, input: 9 } }
              : model
          ),
          ...Array.from({ length: 23 }, (_, n) => ({
            ...models[0]!,
            id: `vendor/new-${n}`,
            created: 4_000_000_000,
          })),
        ],
      }));
      const { code, output, errors } = await runTask(changed.url);
      assert.equal(code, 1, errors);
      assert.match(output, /^Gone.*\n {2}Qwen\/Qwen3\.8-Flash$/m);
      assert.match(output, /^ {2}Qwen\/Qwen3\.5-9B: 0\.17 \/ 0\.25 in the table, 9 \/ 0\.25 on/m);
      assert.equal(output.match(/^ {2}vendor\/new-\d+/gm)?.length, 20);
      assert.match(output, /^ {2}and 4 more$/m);
      assert.match(output, /^The table is behind/m);
    });

    await t.step("can't tell without an answer", async () => {
      const { code, output, errors } = await runTask(`${url}/nowhere`);
      assert.equal(code, 2);
      assert.equal(output, "");
      assert.match(errors, /^Cannot read the list of models at ".*": the response is a 404$/m);
    });

    await t.step("can't tell without a key", async () => {
      // Where .env has one it is used, and there is no list at this address.
      const { code, errors } = await runTask(`${url}/nowhere`, "");
      assert.equal(code, 2);
      assert.match(errors, /^Cannot (ask for|read) the list of models/);
    });
  } finally {
    await process.stop();
  }
});
