/** The examples in docstrings are code that compiles, and public functions have one. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { readSources, type Source } from "../architecture/sources.ts";
import { checkTypes } from "./check-types.ts";

const SHARED = "supabase/functions/_shared";

/** What an example may use without making it: a variable, and where its type is. */
const GIVEN: Record<string, [name: string, file: string, type: string][]> = {
  [`${SHARED}/together-ai/`]: [
    ["client", "client.ts", "TogetherClient"],
    ["request", "chat-request.ts", "ChatRequest"],
  ],
  [`${SHARED}/client/`]: [],
};

const toGlobals = (folder: string) => {
  const variables = GIVEN[folder]!.map(([name, file, type]) => {
    const path = JSON.stringify(`${projectDirectory}/${folder}${file}`);
    return `var ${name}: import(${path}).${type};`;
  });
  return `declare global {\n${variables.join("\n")}\n}`;
};

const sources = await readSources(["supabase"]);
const byPath = new Map(sources.map((source) => [source.path, source]));

/** The examples of a file. */
function readExamples({ text }: Source): string[] {
  const docstrings = text.match(/\/\*\*[^]*?\*\//g) ?? [];
  return docstrings.flatMap((docstring) => {
    const lines = docstring.replace(/^ *\* ?/gm, "");
    return [...lines.matchAll(/@example\s*```ts\n([^]*?)```/g)].map(([, code]) => code!);
  });
}

const readExports = ({ text }: Source) =>
  [...text.matchAll(/^export (?:abstract )?(?:async )?(?:function\*?|class|const) (\w+)/gm)]
    .map(([, name]) => name!);

/** An example as a module: what its folder exports and what it is given need not be imported. */
function toModule(folder: string, code: string): string {
  const imported = sources.filter(({ path }) => path.startsWith(folder)).flatMap((source) =>
    readExports(source)
      .filter((name) => new RegExp(`\\b${name}\\b`).test(code))
      .filter((name) => !new RegExp(`(?:function|const|import[^;]*) ${name}\\b`).test(code))
      .map((name) => `import { ${name} } from "${projectDirectory}/${source.path}";`)
  );
  const imports = code.match(/^import [^;]*;$/gm) ?? [];
  const rest = code.replace(/^import [^;]*;$/gm, "");
  return [...imports, ...imported, toGlobals(folder), "export {};", rest].join("\n");
}

for (const folder of Object.keys(GIVEN)) {
  Deno.test(`the examples of ${folder} compile`, async () => {
    const examples = sources.filter(({ path }) => path.startsWith(folder)).flatMap(readExamples);
    assert.ok(examples.length >= 4, String(examples.length));
    assert.equal(await checkTypes(examples.map((code) => toModule(folder, code))), "");
  });
}

Deno.test("an example that doesn't compile is found", async () => {
  const module = toModule(
    `${SHARED}/together-ai/`,
    "const wait: string = toBackoffMs(1, Math.random);",
  );
  assert.match(await checkTypes([module]), /not assignable to type 'string'/);
});

Deno.test("each function of the Together client that others use has an example", () => {
  const folder = `${SHARED}/together-ai/`;
  const missing = new Set<string>();
  for (const { path, text, valueImports } of sources) {
    if (path.startsWith(folder)) continue;
    for (const imported of valueImports.filter((each) => each.startsWith(folder))) {
      const source = byPath.get(imported)!;
      for (const name of readExports(source)) {
        const isUsed = new RegExp(`\\b${name}\\b`).test(text);
        const declaration = new RegExp(
          `(/\\*\\*(?:(?!\\*/)[^])*\\*/)?\\nexport (?:async )?function ${name}\\b`,
        );
        const found = declaration.exec(source.text);
        if (isUsed && found && !found[1]?.includes("@example")) missing.add(`${imported}: ${name}`);
      }
    }
  }
  assert.deepEqual([...missing], []);
});
