/** Every command of docs/evaluating.md, as it stands there, on the local stack, with fewer pictures. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { type Stack, startStack } from "../../dev/stack/stack.ts";
import { readBlocks, readCommands } from "../support/doc-commands.ts";

const PAGE = "docs/evaluating.md";
/** A map wants 100 labels. */
const SOURCES = 60;
const done: string[] = [];

/** Runs a line in a shell, with the stack's addresses for those of the page; its output. */
async function run(line: string, stack: Stack, local: string): Promise<string> {
  done.push(line);
  const command = line.replace("http://127.0.0.1:<port>", new URL(stack.standInUrl!).origin)
    .replaceAll(".local/", `${local}/`);
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command],
    cwd: projectDirectory,
    stdin: "null",
    env: {
      PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
      DEV_DATA_DIRECTORY: local,
      SUPABASE_URL: stack.apiUrl,
      SUPABASE_SECRET_KEY: stack.secretKey,
      INIT_CWD: projectDirectory,
    },
  }).output();
  const output = new TextDecoder().decode(stdout);
  assert.equal(code, 0, `${line}\n${output}\n${new TextDecoder().decode(stderr)}`);
  // A bar of progress is for terminals.
  assert.ok(!output.includes("\x1b"), output);
  return output;
}

Deno.test("docs/evaluating.md: every command does what it is there for", async (t) => {
  const local = await Deno.makeTempDir();
  await using stack = await startStack({});
  try {
    await t.step("samples, the stand-in's table, and an evaluation", async () => {
      const [dev, samples, curl, evaluate] = await readCommands(PAGE, "Try it");
      assert.match(dev!, /^deno task dev$/);
      done.push(dev!);
      // Drawing 600 takes minutes.
      done.push(samples!);
      await run(`${samples} --sources ${SOURCES}`, stack, local);
      assert.equal(await run(curl!, stack, local), "");
      const output = await run(evaluate!, stack, local);
      assert.match(output, new RegExp(`${2 * SOURCES} pictures of ${SOURCES} sources`));
      assert.match(output, /^Done: \$0\.\d+ spent$/m);
      assert.match(output, new RegExp(`^raw confidence of ${2 * SOURCES} answers$`, "m"));
      const again = await run(evaluate!, stack, local);
      assert.match(again, /^Done: \$0 spent$/m);
    });

    await t.step("comparisons", async () => {
      const [models, against] = await readCommands(PAGE, "Compare");
      done.push(models!);
      const compared = await run(models!.replace("--limit 300", "--limit 30"), stack, local);
      assert.match(compared, /The smallest difference that such a comparison finds/);
      const names = (await Array.fromAsync(Deno.readDir(`${local}/evaluations`)))
        .map(({ name }) => name).filter((name) => name.endsWith(".jsonl")).sort();
      const earlier = await run(
        against!.replace("<earlier>.jsonl", names[0]!),
        stack,
        local,
      );
      done.push(against!);
      assert.match(earlier, /are right on the same pictures\./);
    });

    await t.step("an answer to a user, and the user's feedback", async () => {
      const [variables, analyse, feedback, review, accept] = await readCommands(
        PAGE,
        "Wrong answers, and what users say",
      );
      done.push(variables!, feedback!);
      const { request_id } = JSON.parse(await run(analyse!, stack, local));
      const given = await run(feedback!.replace("<request_id>", request_id), stack, local);
      assert.deepEqual(JSON.parse(given).feedback, {
        request_id,
        verdict: "wrong",
        correction: { family: "stone" },
      });
      assert.match(await run(review!, stack, local), new RegExp(request_id));
      await run(accept!.replace("<request_id>", request_id), stack, local);
      done.push(accept!);
      assert.doesNotMatch(await run(review!, stack, local), new RegExp(request_id));
    });

    await t.step("a calibration, and what it is worth on other pictures", async () => {
      const [dry, calibrate, samples, curl, evaluate, ask] = await readCommands(PAGE, "Calibrate");
      assert.match(await run(dry!, stack, local), /120 labels of evaluations, of 60 sources/);
      assert.match(await run(calibrate!, stack, local), /Map stored/);
      done.push(samples!);
      await run(samples!.replace(/--sources \d+/, "--sources 20"), stack, local);
      await run(curl!, stack, local);
      const output = await run(evaluate!, stack, local);
      assert.match(output, /^calibrated confidence of 40 answers$/m);
      assert.match(output, /^raw confidence of 40 answers$/m);
      const { confidence_detail: detail } = JSON.parse(await run(ask!, stack, local));
      assert.equal(detail.calibrated, true);
      assert.ok("meets" in detail || detail.reason.meets === "not_promised");
    });

    await t.step("no command of the page is left out", async () => {
      const text = await Deno.readTextFile(`${projectDirectory}/${PAGE}`);
      const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]!);
      for (const heading of headings) {
        for (const line of await readCommands(PAGE, heading)) {
          assert.ok(done.includes(line), line);
        }
        assert.ok((await readBlocks(PAGE, heading, "bash")).length === 0, "use sh");
      }
    });
  } finally {
    await Deno.remove(local, { recursive: true });
  }
});
