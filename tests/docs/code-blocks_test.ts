/** Every block of code in a page is one: it compiles, parses, or names commands that are there. */
import assert from "node:assert/strict";
import { parse as parseCsv } from "csv-parse/sync";
import { parse as parseSql } from "libpg-query";
import { parse as parseToml } from "smol-toml";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { checkTypes } from "./check-types.ts";
import { type Block, readPages } from "./pages.ts";

const pages = await readPages();
const blocks = pages.flatMap(({ path, blocks }) =>
  blocks.map((block) => ({ ...block, where: `${path}:${block.line}` }))
);

type PlacedBlock = Block & { where: string };

const ofLanguage = (...languages: string[]) =>
  blocks.filter(({ language }) => languages.includes(language));

/** Languages that no test here can read. */
const UNREAD = ["", "mermaid", "text"];
const READ = ["ts", "diff", "json", "sql", "sh", "toml", "csv"];

Deno.test("every block of code is in a language that is looked at", () => {
  assert.ok(blocks.length > 40, String(blocks.length));
  const others = blocks.filter(({ language }) => ![...UNREAD, ...READ].includes(language));
  assert.deepEqual(others.map(({ where, language }) => `${where} ${language}`), []);
});

Deno.test("every block of JSON is JSON", () => {
  for (const { where, text } of ofLanguage("json")) {
    assert.doesNotThrow(() => JSON.parse(text), where);
  }
});

Deno.test("every block of TOML is TOML", () => {
  for (const { where, text } of ofLanguage("toml")) {
    assert.doesNotThrow(() => parseToml(text), where);
  }
});

Deno.test("every block of CSV has as many cells in each line", () => {
  for (const { where, text } of ofLanguage("csv")) {
    assert.doesNotThrow(() => parseCsv(text), where);
  }
});

Deno.test("every block of SQL is in Postgres's grammar", async () => {
  for (const { where, text } of ofLanguage("sql")) {
    await assert.doesNotReject(parseSql(text), where);
  }
});

Deno.test("every task that a command runs is one, and every block of commands is shell", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${projectDirectory}/deno.json`));
  for (const { where, text } of ofLanguage("sh")) {
    for (const [, task] of text.matchAll(/\btask (?!--)([\w:]+)/g)) {
      assert.ok(Object.hasOwn(tasks, task!), `${where}: ${task}`);
    }
    // What a reader puts in is a word to the shell.
    const script = text.replace(/<[^<>\n]+>/g, "x");
    const { success, stderr } = await new Deno.Command("bash", { args: ["-n", "-c", script] })
      .output();
    assert.ok(success, `${where}: ${new TextDecoder().decode(stderr)}`);
  }
});

/** What an app has that a block names without making it. */
const GIVEN = `
declare global {
  var supabase: import("@supabase/supabase-js").SupabaseClient;
  var base64: string;
  var image_data: string;
  var error: unknown;
  var retryInSeconds: number;
}
export {};
`;

/** A block as a module: of a diff what is there after it; our files where an app has them. */
function toModule({ language, text }: PlacedBlock): string {
  const shared = `file://${projectDirectory}/supabase/functions/_shared/`;
  const after = text.split("\n").filter((line) => !line.startsWith("-"))
    .map((line) => line.replace(/^[+ ]/, "")).join("\n");
  const module = (language === "ts" ? text : after)
    .replaceAll('"../_shared/', `"${shared}`)
    .replaceAll('"semantic-analysis-client"', `"${shared}client/client.ts"`)
    .replaceAll('"../../semantic-analysis/client.js"', `"${shared}client/client.ts"`);
  return GIVEN + module;
}

Deno.test("every block of TypeScript compiles where an app's own names are given", async () => {
  const typescript = ofLanguage("ts", "diff");
  assert.ok(typescript.length > 5, String(typescript.length));
  assert.equal(await checkTypes(typescript.map(toModule)), "");
});

Deno.test("a block that doesn't compile is found", async () => {
  const block = { language: "ts", line: 1, where: "", text: "supabase.functions.call(1);" };
  assert.match(await checkTypes([toModule(block)]), /call/);
});
