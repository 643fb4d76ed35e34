import assert from "node:assert/strict";
import { toFunctionSettings } from "../../dev/install/function-settings.ts";
import { parseJsonConfig } from "../../dev/install/config-json.ts";

const PATH = "supabase/config.jsonc";

const install = (text: string, names = ["semantic-analysis"]) =>
  parseJsonConfig(PATH, text).replace(toFunctionSettings(names));

const takeOut = (text: string) => install(text, []);

const OWNERS = `{
    // mine
    "project_id": "theirs", /* keep */
    "functions": {
        "hello": { "verify_jwt": true } // last
    }
}
`;

Deno.test("config JSON: functions are added behind the owner's, in the file's own style", () => {
  const text = install(OWNERS);
  assert.ok(text.startsWith(OWNERS.slice(0, OWNERS.indexOf(" // last"))), text);
  assert.ok(text.includes("// last"), text);
  assert.match(text, /^ {8}"semantic-analysis": \{\n {12}"verify_jwt": false,\n/m);
  assert.match(
    text,
    /"entrypoint": ".\/semantic-analysis\/functions\/semantic-analysis\/index.ts"/,
  );
});

Deno.test("config JSON: the same again changes nothing, fewer functions leave the others", () => {
  const both = install(OWNERS, ["semantic-analysis", "visual-search"]);
  assert.equal(install(both, ["semantic-analysis", "visual-search"]), both);
  const config = parseJsonConfig(PATH, both);
  assert.deepEqual(config.functions, ["hello"]);
  assert.equal(
    config.ours,
    config.format(toFunctionSettings(["visual-search", "semantic-analysis"])),
  );
  assert.equal(install(both, ["semantic-analysis"]), install(OWNERS));
});

Deno.test("config JSON: taken out, the file is as it was, byte for byte", () => {
  const tabs = OWNERS.replaceAll("    ", "\t");
  for (
    const text of [
      OWNERS,
      tabs,
      OWNERS.replaceAll("\n", "\r\n"),
      `\uFEFF${OWNERS}`,
      `{\n  "project_id": "a"\n}\n`,
      `{\n  "project_id": "a"\n}`,
      `{\n  "project_id": "a",\n}\n`,
      `{\n  "functions": {\n    "hello": {},\n  },\n}\n`,
      `{ "project_id": "a", "functions": { "hello": {} } }\n`,
    ]
  ) {
    const installed = install(text, ["semantic-analysis", "visual-search"]);
    assert.notEqual(installed, text);
    assert.equal(takeOut(installed), text, installed);
    assert.equal(takeOut(text), text);
  }
});

Deno.test("config JSON: what the owner changed of ours is seen, and put back", () => {
  const text = install(OWNERS);
  const changed = text.replace('"verify_jwt": false', '"verify_jwt": true');
  const config = parseJsonConfig(PATH, changed);
  assert.notEqual(config.ours, config.format(toFunctionSettings(["semantic-analysis"])));
  assert.equal(install(changed), text);
});

Deno.test("config JSON: a function of our name with another source is the owner's", () => {
  const text = `{ "functions": { "semantic-analysis": { "entrypoint": "./mine.ts" } } }`;
  assert.deepEqual(parseJsonConfig(PATH, text).functions, ["semantic-analysis"]);
  assert.equal(parseJsonConfig(PATH, text).ours, undefined);
});

Deno.test("config JSON: what can't be read or edited is refused, with its line", () => {
  for (
    const [text, message] of [
      [``, /^InstallError: supabase\/config.jsonc can't be read, line 1: ValueExpected$/],
      [`{\n  'a': 1\n}`, /can't be read, line 2: InvalidSymbol$/],
      [`[]`, /^InstallError: supabase\/config.jsonc is no object$/],
      [`{ "functions": [] }`, /takes no further ones: write them as one object$/],
      [
        `{ "functions": { "a": {} }, "functions": { "b": {} } }`,
        /takes no further ones: write them as one object$/,
      ],
    ] as const
  ) {
    assert.throws(() => install(text), message, text);
  }
});
