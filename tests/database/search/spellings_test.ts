/** A query that is spelt in another way than what it should find. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { addMaterial, alice, BOB, namesOf, searchAs } from "./search-as.ts";

async function openCatalogue(...names: string[]) {
  const database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const name of names) await addMaterial(sql, name);
  return { sql, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

async function find(sql: postgres.Sql, query_text: string) {
  const found = await searchAs(sql, alice, { query_text });
  return { names: namesOf(found), corrections: found.corrections };
}

Deno.test("two words that a name has in one find it first, whatever else has one of them", async () => {
  await using catalogue = await openCatalogue(
    "Sandstone paver",
    "Sand plaster",
    "Stone basin",
    "Waterproof membranes",
    "Roof membrane",
  );
  for (
    const [query_text, name] of [
      ["sand stone", "Sandstone paver"],
      ["Sand  Stones", "Sandstone paver"],
      ["paver of sand stone", "Sandstone paver"],
      ["water proof", "Waterproof membranes"],
      ["water proof membrane", "Waterproof membranes"],
    ]
  ) {
    const { names, corrections } = await find(catalogue.sql, query_text!);
    assert.deepEqual([names[0], corrections], [name, {}], query_text);
  }
});

Deno.test("two words are not taken for one that only a name has which is private or gone", async () => {
  await using catalogue = await openCatalogue("Sand plaster", "Stone basin");
  const { sql } = catalogue;
  const search = () => searchAs(sql, alice, { query_text: "sand stone basin" });
  const { results } = await search();
  await addMaterial(sql, "Sandstone", { createdBy: BOB, visibility: "private" });
  const gone = await addMaterial(sql, "Stonebasin");
  assert.ok(namesOf(await search()).includes("Stonebasin"));
  await sql`delete from public.materials_catalog where id = ${gone}`;
  assert.deepEqual((await search()).results, results);
});

Deno.test("a word that no name has is taken for two that one has, and the answer says so", async () => {
  await using catalogue = await openCatalogue("Non slip strip", "Lime stone", "Linen");
  assert.deepEqual(await find(catalogue.sql, "nonslip"), {
    names: ["Non slip strip"],
    corrections: { nonslip: "non slip" },
  });
  assert.deepEqual(await find(catalogue.sql, "limestone"), {
    names: ["Lime stone"],
    corrections: { limestone: "lime stone" },
  });
  // "wool" is in no name.
  assert.deepEqual((await find(catalogue.sql, "woolstrip")).corrections, {});
});

Deno.test("synonyms: one word and several find each other, all of these before one of them", async () => {
  await using catalogue = await openCatalogue(
    "Steel rod",
    "Stainless steels",
    "Inox tray",
    "Edelstahl tray",
    "MDF board",
    "Board of medium-density fibreboard",
    "Fibreboard",
  );
  const { sql } = catalogue;
  await sql`
    insert into material_search.synonyms (word, means) values
      ('inox', 'Stainless Steel'), ('edelstahl', 'stainless steel'),
      ('mdf', 'medium density fibreboard')`;
  const expected = {
    "inox": ["Inox tray", "Stainless steels", "Steel rod"],
    "edelstahl": ["Edelstahl tray", "Stainless steels", "Steel rod"],
    "STAINLESS-STEEL": ["Edelstahl tray", "Inox tray", "Stainless steels", "Steel rod"],
    "mdf": ["Board of medium-density fibreboard", "MDF board", "Fibreboard"],
    "medium density fibreboards": [
      "Board of medium-density fibreboard",
      "MDF board",
      "Fibreboard",
    ],
  };
  for (const [query_text, names] of Object.entries(expected)) {
    const found = await find(sql, query_text);
    const last = found.names.length - 1;
    assert.deepEqual(
      [found.names.slice(0, last).toSorted(), found.names[last], found.corrections],
      [names.slice(0, -1), names.at(-1), {}],
      query_text,
    );
  }
  assert.equal((await find(sql, "inox tray")).names[0], "Inox tray");
  assert.equal((await find(sql, "stainless steel tray")).names.length, 4);
  await sql`delete from material_search.synonyms where word = 'inox'`;
  assert.deepEqual((await find(sql, "inox")).names, ["Inox tray"]);
});

Deno.test("synonyms: of four words at most, of letters and digits", async () => {
  await using catalogue = await openCatalogue();
  for (const means of ["one two three four five", "two  blanks", " blank", "a-b", ""]) {
    await assert.rejects(
      async () =>
        await catalogue
          .sql`insert into material_search.synonyms (word, means) values ('word', ${means})`,
      { code: "23514" },
      means,
    );
  }
});

Deno.test("with german set, umlauts and ae, oe and ue find each other", async () => {
  await using catalogue = await openCatalogue(
    "Öl farblos",
    "Grüner Schiefer",
    "Gruener Marmor",
    "Türen aus Nussbaum",
    "Holzoel",
    "Blue slate",
  );
  const { sql } = catalogue;
  assert.deepEqual((await find(sql, "oel")).names, []);
  await sql`
    select public.material_search_change_settings(p_languages => '{english,german,simple}')`;
  const expected = {
    "oel": ["Öl farblos"],
    "gruen": ["Gruener Marmor", "Grüner Schiefer"],
    "GRÜN": ["Gruener Marmor", "Grüner Schiefer"],
    "Tuer": ["Türen aus Nussbaum"],
    "Türe aus Nußbäumen": ["Türen aus Nussbaum"],
    "blue": ["Blue slate"],
  };
  for (const [query_text, names] of Object.entries(expected)) {
    const found = await find(sql, query_text);
    assert.deepEqual([found.names.toSorted(), found.corrections], [names, {}], query_text);
  }
  const { results: [best] } = await searchAs(sql, alice, { query_text: "gruener schiefer" });
  assert.deepEqual([best.material.name, best.semantic], ["Grüner Schiefer", 1]);
});

Deno.test("a right word that no name has is not taken for another one", async () => {
  await using catalogue = await openCatalogue(
    "Pine board",
    "Teak oil",
    "Glass shelf",
    "Granulate",
    "Brass hinge",
    "Leather",
    "Cotton",
    "Roof tile",
  );
  for (
    const query_text of [
      "pink",
      "teal",
      "glaze",
      "gloss",
      "granite",
      "brace",
      "feather",
      "cotta",
      "proof",
    ]
  ) {
    assert.deepEqual(await find(catalogue.sql, query_text), { names: [], corrections: {} });
  }
});

Deno.test("a misspelt word is taken for one a mistake away, or two where it is long, or for a compound", async () => {
  await using catalogue = await openCatalogue(
    "Velvet",
    "Mosaic",
    "Cedar",
    "Edelstahlblech",
    "Membrane",
    "Felt",
    "Facade",
    "Terrazzo",
    "Quarry",
    "Quartz",
    "Eichenholz",
  );
  const expected = {
    velevt: "velvet",
    mosiac: "mosaic",
    ceder: "cedar",
    fellt: "felt",
    fassade: "facade",
    terrasso: "terrazzo",
    quarz: "quartz",
    edelstal: "edelstahlblech",
    membrain: "membrane",
    eichen: "eichenholz",
    stahlblech: "edelstahlblech",
  };
  for (const [query_text, meant] of Object.entries(expected)) {
    const found = await find(catalogue.sql, query_text);
    assert.deepEqual(found.corrections, { [query_text]: meant });
    assert.equal(found.names[0]!.toLowerCase(), meant);
  }
});

Deno.test("with german set, a word that only compounds have finds all of these", async () => {
  await using catalogue = await openCatalogue("Eichenholz", "Buchenholz", "Holzleim", "Esche");
  const { sql } = catalogue;
  assert.deepEqual((await find(sql, "Holz")).corrections, { holz: "holzleim" });
  await sql`
    select public.material_search_change_settings(p_languages => '{english,german,simple}')`;
  assert.deepEqual((await find(sql, "Holz")).corrections, {
    holz: "buchenholz eichenholz holzleim",
  });
  assert.deepEqual((await find(sql, "Holz")).names.toSorted(), [
    "Buchenholz",
    "Eichenholz",
    "Holzleim",
  ]);
  assert.deepEqual((await find(sql, "Eiche")).names, ["Eichenholz"]);
  await addMaterial(sql, "Holz");
  assert.deepEqual(await find(sql, "Holz"), { names: ["Holz"], corrections: {} });
});
