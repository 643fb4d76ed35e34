/** The examples of docs/migrating.md and of the package's README are code that compiles. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

/** TypeScript blocks, and of a diff what is there after it. */
function readExamples(markdown: string): string[] {
  return [...markdown.matchAll(/^```(ts|diff)\n([^]*?)^```/gm)].map(([, language, text]) =>
    language === "ts" ? text! : text!.split("\n").filter((line) => !line.startsWith("-"))
      .map((line) => line.replace(/^[+ ]/, "")).join("\n")
  );
}

/** The type checker's complaints about the examples, each as if it stood in a function's folder. */
async function check(examples: string[]): Promise<string> {
  const shared = `file://${projectDirectory}/supabase/functions/_shared/`;
  const folder = await Deno.makeTempDir();
  try {
    const files = examples.map((_, index) => `${folder}/example-${index + 1}.ts`);
    for (const [index, file] of files.entries()) {
      const example = examples[index]!
        .replaceAll('"../_shared/', `"${shared}`)
        .replaceAll('"semantic-analysis-client"', `"${shared}client/client.ts"`);
      await Deno.writeTextFile(file, example);
    }
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--config", `${projectDirectory}/deno.json`, ...files],
      env: { NO_COLOR: "1" },
    }).output();
    return success ? "" : new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const read = (path: string) => Deno.readTextFile(`${projectDirectory}/${path}`);
const examples = readExamples(await read("docs/migrating.md"));

Deno.test("the examples of docs/migrating.md compile", async () => {
  assert.equal(examples.length, 4);
  for (const example of examples) {
    assert.match(example, /"\.\.\/_shared\/client\/|"semantic-analysis-client"/);
  }
  assert.equal(await check(examples), "");
});

Deno.test("the examples of the package's README compile", async () => {
  const examples = readExamples(await read("dev/package/README.md"));
  assert.equal(examples.length, 2);
  assert.equal(await check(examples), "");
});

Deno.test("the examples would not compile if the API were another", async () => {
  assert.match(await check([examples[0]!.replace("image_data:", "picture:")]), /picture/);
});
