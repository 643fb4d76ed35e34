/** `.env.example` and the code name the same variables. */
import assert from "node:assert/strict";
import * as catalogue from "../../supabase/functions/analyse-catalogue/settings.ts";
import * as gateway from "../../supabase/functions/mivaa-gateway/settings.ts";
import * as analysis from "../../supabase/functions/semantic-analysis/settings.ts";
import * as search from "../../supabase/functions/visual-search/settings.ts";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { readSources } from "./sources.ts";

/** Of each function; with what it needs to be set. */
const SETTINGS = [
  { ...analysis, needed: { TOGETHER_API_KEY: "k" } },
  { ...gateway, needed: {} },
  { ...search, needed: {} },
  { ...catalogue, needed: {} },
];

/** Set by the platform or the operating system, not by the one who deploys this. */
const isForeign = (name: string) =>
  /^(SUPABASE_(?!CLI_)|SB_|TEST_)/.test(name) ||
  ["PATH", "HOME", "TMPDIR", "CI", "INIT_CWD", "NO_COLOR"].includes(name) ||
  /^(DENO|XDG|NODE|SSL|npm)_/i.test(name);

/** Every `Deno.env.get("…")`, and whatever else looks a name up in an environment. */
async function readNames(): Promise<Set<string>> {
  const names = new Set(SETTINGS.flatMap(({ SETTING_NAMES }) => SETTING_NAMES));
  for (const { text } of await readSources(["supabase", "dev", "tests/live"])) {
    for (const match of text.matchAll(/\benv(?:ironment)?\.(?:get|has)\("([A-Z0-9_]+)"\)/g)) {
      names.add(match[1]!);
    }
    for (const match of text.matchAll(/\b(?:env|environment|variables)\.([A-Z][A-Z0-9_]+)\b/g)) {
      names.add(match[1]!);
    }
  }
  return names;
}

Deno.test(".env.example lists exactly the variables that the code reads", async () => {
  const example = await Deno.readTextFile(`${projectDirectory}/.env.example`);
  const listed = [...example.matchAll(/^#?\s?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]!);
  const read = [...await readNames()].filter((name) => !isForeign(name));
  assert.deepEqual(listed.toSorted(), read.toSorted());
});

Deno.test("the settings of every function are looked at", async () => {
  const modules = (await readSources(["supabase"]))
    .filter(({ path }) => path.endsWith("/settings.ts"));
  assert.equal(modules.length, SETTINGS.length, "list the new one in SETTINGS");
});

Deno.test("the defaults in .env.example are the ones in force", async () => {
  const example = await Deno.readTextFile(`${projectDirectory}/.env.example`);
  const shown = [...example.matchAll(/^#?\s?([A-Z][A-Z0-9_]+)=(.*)$/gm)]
    .map(([, name, value]) => [name!, value!] as const);
  for (const { SETTING_NAMES, parseSettings, needed } of SETTINGS) {
    const own = Object.fromEntries(shown.filter(([name]) => SETTING_NAMES.includes(name)));
    assert.deepEqual(parseSettings({ ...own, ...needed }), parseSettings(needed));
  }
});

Deno.test("each example of another server in .env.example can be used as it stands", async () => {
  const example = await Deno.readTextFile(`${projectDirectory}/.env.example`);
  const blocks = [...example.matchAll(/^# (\S[^\n]*):\n((?:# {4}[A-Z_]+=[^\n]*\n)+)/gm)];
  assert.equal(blocks.length, 4);
  for (const [, name, lines] of blocks) {
    const variables = Object.fromEntries(
      [...lines!.matchAll(/^# {4}([A-Z_]+)=(.*)$/gm)].map(([, key, value]) => [key!, value!]),
    );
    const { settings, problems } = analysis.parseSettings({ TOGETHER_API_KEY: "k", ...variables });
    assert.deepEqual(problems, null, name);
    assert.notDeepEqual(settings!.together.capabilities, {}, name);
  }
});
