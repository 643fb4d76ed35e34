import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { formatBlock, parseConfig, replaceBlock } from "../../dev/install/config-block.ts";
import { toFunctionSettings } from "../../dev/install/function-settings.ts";
import fc from "../support/fast-check.ts";

const OWNERS = `# mine
project_id = "theirs"  # keep

[api]
schemas = ["public"]
# last
`;

const install = (text: string, names = ["semantic-analysis"]) =>
  replaceBlock(parseConfig(text), formatBlock(toFunctionSettings(names)));

const takeOut = (text: string) => replaceBlock(parseConfig(text), undefined);

Deno.test("config block: is added behind all that the owner wrote", () => {
  const text = install(OWNERS, ["semantic-analysis", "visual-search"]);
  assert.ok(text.startsWith(`${OWNERS}\n# >>> semantic-analysis`));
  const { functions } = JSON.parse(JSON.stringify(parse(text)));
  assert.deepEqual(functions["visual-search"], {
    verify_jwt: false,
    entrypoint: "./semantic-analysis/functions/visual-search/index.ts",
    import_map: "./semantic-analysis/import_map.json",
  });
});

Deno.test("config block: is replaced where it stands, with what the owner wrote behind it", () => {
  const text = `${install(OWNERS, ["semantic-analysis"])}\n[functions.hello]\nverify_jwt = true\n`;
  const changed = install(text, ["semantic-analysis", "mivaa-gateway"]);
  assert.deepEqual(parseConfig(changed).functions, ["hello"]);
  assert.ok(changed.indexOf("mivaa-gateway") < changed.indexOf("[functions.hello]"));
  assert.equal(install(changed, ["semantic-analysis"]), text);
});

Deno.test("config block: taken out, the file is as it was, byte for byte", () => {
  for (
    const text of [
      OWNERS,
      OWNERS.replaceAll("\n", "\r\n"),
      `${OWNERS}\n`,
      "",
      "a = 1\n",
      "a = 1",
      "a = 1\r\nb = 2",
    ]
  ) {
    assert.equal(takeOut(install(text)), text);
  }
});

Deno.test("config block: has the line ends of the file", () => {
  const text = install(OWNERS.replaceAll("\n", "\r\n"));
  assert.equal(text.replaceAll("\r\n", "").includes("\n"), false);
  assert.equal(install(text), text);
});

Deno.test("config block: a file without a last line end gets one before the block", () => {
  assert.ok(install("a = 1").startsWith("a = 1\n\n# >>>"));
});

Deno.test("config block: no other function is named as the owner's", () => {
  assert.deepEqual(parseConfig(install(OWNERS)).functions, []);
  assert.deepEqual(parseConfig("[functions.a]\n[functions.b]\nx = 1\n").functions, ["a", "b"]);
});

Deno.test("config block: a file that is no TOML, or has half a block, is refused", () => {
  assert.throws(
    () => parseConfig("a = 1\nb =\n"),
    /^InstallError: supabase\/config.toml can't be read, line 2: invalid value$/,
  );
  const half = install(OWNERS).replace(/# <<<.*/, "");
  assert.throws(() => parseConfig(half), /has only one of the lines/);
});

Deno.test("config block: functions that take no further tables are refused", () => {
  const text = "functions = { a = { verify_jwt = true } }\n";
  assert.throws(() => install(text), /write each as \[functions.<name>\]/);
});

Deno.test("config block: a byte order mark and an integer beyond 2^53 are taken", () => {
  const text = "\uFEFFa = 9007199254740993\n";
  assert.equal(takeOut(install(text)), text);
});

Deno.test("config block: any file stays as it was once the block is taken out", () => {
  const ends = fc.constantFrom("\n", "\r\n");
  const line = fc.constantFrom("", "# a comment", "[a]", "b = 1", "[functions.c]", "d = '#'");
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), ends, fc.boolean(), (lines, end, hasLast) => {
      const text = lines.join(end) + (hasLast && lines.length > 0 ? end : "");
      try {
        parse(text);
      } catch {
        return;
      }
      const again = takeOut(install(text));
      assert.equal(again, text);
    }),
  );
});
