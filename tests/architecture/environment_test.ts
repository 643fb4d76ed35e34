/** `.env.example` and the code name the same variables. */
import assert from "node:assert/strict";
import { SETTING_NAMES } from "../../supabase/functions/semantic-analysis/settings.ts";
import { projectDirectory, readSources } from "./sources.ts";

/** Set by the platform or the operating system, not by whoever deploys this. */
const isForeign = (name: string) =>
  /^(SUPABASE|SB|TEST)_/.test(name) ||
  ["PATH", "HOME", "TMPDIR", "CI", "NO_COLOR"].includes(name) ||
  /^(DENO|XDG|NODE|SSL|npm)_/i.test(name);

/** Every `Deno.env.get("…")`, and whatever else looks a name up in an environment. */
async function readNames(): Promise<Set<string>> {
  const names = new Set(SETTING_NAMES);
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

Deno.test("the defaults in .env.example are the ones in force", async () => {
  const { parseSettings } = await import("../../supabase/functions/semantic-analysis/settings.ts");
  const example = await Deno.readTextFile(`${projectDirectory}/.env.example`);
  const shown = Object.fromEntries(
    [...example.matchAll(/^#?\s?([A-Z][A-Z0-9_]+)=(.*)$/gm)]
      .filter(([, name]) => SETTING_NAMES.includes(name!))
      .map(([, name, value]) => [name, value]),
  );
  const key = { TOGETHER_API_KEY: "k" };
  assert.deepEqual(parseSettings({ ...shown, ...key }), parseSettings(key));
});
