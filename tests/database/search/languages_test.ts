/** The languages by whose rules words are found: a setting. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { addMaterial, alice, namesOf, searchAs } from "./search-as.ts";

/** A name, and other forms of its words. */
const NAMES: Record<string, string[]> = {
  "Weiße Fliesen": ["Fliese", "weisse Fliese"],
  "Eichendielen geölt": ["Eichendiele"],
  "Baldosas de mármol": ["baldosa", "mármoles"],
  "Дубовые доски": ["дубовая доска", "доска"],
  "Clay tiles": ["tile"],
};

Deno.test("languages: with german, spanish and russian set, other forms of a name's words find it", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const name of Object.keys(NAMES)) await addMaterial(sql, name);
  const before = await searchAs(sql, alice, { query_text: "Eichendiele", limit: 1 });
  assert.equal(before.corrections["eichendiele"], "eichendielen");
  await sql`
    select public.material_search_change_settings(
      p_languages => '{english,german,spanish,russian,simple}'
    )`;
  for (const [name, texts] of Object.entries(NAMES)) {
    for (const query_text of [name, ...texts]) {
      const found = await searchAs(sql, alice, { query_text });
      assert.equal(namesOf(found)[0], name, query_text);
      assert.deepEqual(found.corrections, {}, query_text);
    }
  }
});

/** By language a name, and other forms of its words whose endings have accents, or hang on one. */
const ACCENTED: [language: string, name: string, texts: string[]][] = [
  ["russian", "Дубовый паркет", ["дубовая", "дубового паркета", "дубовые"]],
  ["russian", "Синий мрамор".normalize("NFD"), ["синего мрамора", "синий"]],
  ["french", "Céramique émaillée", ["émaillé", "emaille", "émaillées", "EMAILLÉ"]],
  ["turkish", "Mermer taşı", ["taş", "TAŞLAR"]],
  ["hungarian", "Tölgyfa csempe", ["tölgyfák", "csempék"]],
];

Deno.test("languages: accents are there when stems are taken, and are no matter in what is found", async (t) => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const [, name] of ACCENTED) await addMaterial(sql, name);
  for (const [language, name, texts] of ACCENTED) {
    await t.step(name, async () => {
      const languages = ["english", language, "simple"];
      await sql`select public.material_search_change_settings(p_languages => ${languages})`;
      for (const query_text of [name, ...texts]) {
        const found = await searchAs(sql, alice, { query_text });
        assert.equal(namesOf(found)[0], name, query_text);
        assert.deepEqual(found.corrections, {}, query_text);
      }
    });
  }
});

Deno.test("languages: synonyms find each other by the rules of the languages that are set, until they are deleted", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterial(sql, "Laminatböden");
  await addMaterial(sql, "Gray felt");
  await sql`insert into material_search.synonyms (word, means) values ('klickdielen', 'laminatboden')`;
  const find = async (query_text: string) => namesOf(await searchAs(sql, alice, { query_text }));
  assert.deepEqual(await find("Klickdiele"), []);
  await sql`select public.material_search_change_settings(p_languages => '{german,simple}')`;
  assert.deepEqual(await find("Klickdiele"), ["Laminatböden"]);
  assert.deepEqual(await find("grey"), ["Gray felt"]);
  await sql`update material_search.synonyms set word = 'designdielen' where word = 'klickdielen'`;
  assert.deepEqual([await find("Klickdiele"), await find("Designdiele")], [[], ["Laminatböden"]]);
  await sql`truncate material_search.synonyms`;
  assert.deepEqual([await find("Designdiele"), await find("grey")], [[], []]);
});

Deno.test("languages: a mark that stands alone is no word, and no error", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`select public.material_search_change_settings(p_languages => '{french,simple}')`;
  // Its compatible form is a blank with a mark on it.
  await addMaterial(sql, "\u037a marbre doré");
  const found = await searchAs(sql, alice, { query_text: "\u037a dorés" });
  assert.equal(found.total_results, 1);
  assert.equal((await sql`select from material_search.skipped`).length, 0);
});

Deno.test("languages: half of the words score a half where both have accents", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`select public.material_search_change_settings(p_languages => '{french,simple}')`;
  await addMaterial(sql, "Céramique émaillée");
  const scoreOf = async (query_text: string) =>
    Math.round((await searchAs(sql, alice, { query_text })).results[0].semantic * 1e4) / 1e4;
  assert.deepEqual(
    [await scoreOf("céramiques émaillées"), await scoreOf("porcelaine émaillée")],
    [1, 0.5],
  );
});

Deno.test("languages: all words of a name score 1, half of them a half, whatever the languages", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`select public.material_search_change_settings(p_languages => '{german,english}')`;
  await addMaterial(sql, "Eichen Boden");
  const scoreOf = async (query_text: string) =>
    Math.round((await searchAs(sql, alice, { query_text })).results[0].semantic * 1e4) / 1e4;
  assert.deepEqual(
    [await scoreOf("Eichen Boden"), await scoreOf("Eiche"), await scoreOf("Eichen Marmor")],
    [1, 1, 0.5],
  );
});

Deno.test("languages: simple alone finds words as they are, and none without it that are too common", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterial(sql, "It carpet tiles");
  const totalOf = async (query_text: string) =>
    (await searchAs(sql, alice, { query_text })).total_results;
  assert.deepEqual([await totalOf("It"), await totalOf("tile")], [1, 1]);
  await sql`select public.material_search_change_settings(p_languages => '{english}')`;
  assert.deepEqual([await totalOf("It"), await totalOf("tile")], [0, 1]);
  await sql`select public.material_search_change_settings(p_languages => '{simple}')`;
  const corrected = await searchAs(sql, alice, { query_text: "tile" });
  assert.deepEqual(corrected.corrections, { tile: "tiles" });
  assert.equal(await totalOf("It"), 1);
});

Deno.test("languages: what is no configuration is refused", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const languages of [[], ["klingon"], ["english", null], Array(7).fill("english")]) {
    await assert.rejects(
      sql`select public.material_search_change_settings(p_languages => ${languages})`,
      { code: "22023" },
    );
  }
});

Deno.test("languages: a long text is searched by its first words, in however many languages", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`
    select public.material_search_change_settings(
      p_languages => '{english,german,spanish,french,russian,simple}'
    )`;
  await addMaterial(sql, "Grüne Fliesen");
  const other = Array.from(
    { length: 80 },
    (_, index) => `mülle${String.fromCharCode(97 + index % 26, 97 + index / 26)}`,
  );
  const text = ["grüne", "Fliese", ...other].join(" ");
  for (const search of [{ query_text: text }, { picture_text: text }]) {
    assert.deepEqual(namesOf(await searchAs(sql, alice, search)), ["Grüne Fliesen"]);
  }
});
