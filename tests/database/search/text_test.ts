/** Words as people type them, on both sides. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { addMaterial, alice, namesOf, searchAs } from "./search-as.ts";

/** A material, and what finds it. */
const FOUND: Record<string, string[]> = {
  "Béton brut": ["béton", "beton", "BÉTON", "be\u0301ton", "ｂｅｔｏｎ"],
  "Rosa Porrin\u0303o": ["Porriño", "porrino", "PORRIÑO"],
  "ｖｅｌｖｅｔ": ["velvet", "ＶＥＬＶＥＴ"],
  "Дуб мореный": ["дуб", "ДУБ", "морёный"],
  "ΜΆΡΜΑΡΟ": ["μαρμαρο", "μάρμαρο"],
  "Weißtanne": ["weisstanne", "Weißtanne", "WEISSTANNE"],
  "Øland limestone": ["oland", "Øland"],
  "Œil-de-bœuf": ["œil", "oeil", "ŒIL"],
  "Þak": ["þak", "thak"],
  "Soft\u00adhyphen board": ["softhyphen", "soft\u00adhyphen"],
  "Zero\u200bwidth board": ["zerowidth", "zero\u200bwidth"],
  "رُخَام أبيض": ["رخام", "رُخَام"],
  "Plate 2×4": ["2x4", "2×4"],
  "AISI 316L sheet": ["aisi316l", "AISI-316L", "316L"],
  "ﬂoat glass": ["float"],
  "Stainless 304/1.4301": ["1.4301", "304", "304/1.4301"],
  "Panel RAL7035": ["ral7035", "RAL 7035", "RAL-7035", "7035"],
  "Cabinet RAL 9005": ["RAL9005", "ral-9005"],
  "Veneer 20 mm": ["20mm", "20 mm", "20 MM"],
  "Felt 35mm": ["35 mm", "35mm"],
  "Paint 25 kg": ["25kg", "25 kg"],
  "Film 0.55 mm": ["0.55mm", "0.55 mm"],
  "Glass 0.76mm": ["0.76 mm", "0.76mm"],
  "Blend 70 % linen": ["70%", "70 %"],
  "Oven brick 900 °C": ["900°C", "900 °C"],
  "Kiln brick 950°C": ["950°C", "950 °C"],
  "Board OSB/3": ["osb3", "OSB 3", "osb/3"],
  "Terra-cotta tile": ["terracotta", "terra-cotta", "cotta"],
  "Stoneware slab": ["stone-ware", "stoneware"],
  "Oiled_ash board": ["oiled", "ash"],
  "Grey slate": ["gray", "grey"],
  "Aluminum foil": ["aluminium", "aluminum"],
  "IT carpet": ["it", "It"],
  "Clay tiles": ["tile", "tiles"],
  "Cedar™ select®": ["cedar", "Cedar™", "select"],
  "Birch\ufe0f plywood": ["birch"],
  "\u2066Alder\u2069 plank": ["alder", "\u202aalder\u202c"],
  "ΛΕΥΚΟΣ ΟΝΥΧΑΣ": ["λευκός", "όνυχας"],
  "Ħal slab": ["ħal", "hal"],
  "O’Brien peat": ["O'Brien", "OʼBrien", "obrien"],
  "padauk.natural": ["padauk", "natural"],
  "Merbau~kwila": ["merbau", "kwila"],
  "Carpet 2 m²": ["2 m²", "2m²", "2m2"],
  "Carpet 3m²": ["3 m²", "3m2", "3 m2"],
  "Membrane 12 µm": ["12 μm", "12µm", "12um"],
  "Rod ⌀ 16": ["Ø16", "⌀16", "Ø 16"],
  "Edging 12,5 mm": ["12.5 mm", "12.5mm", "12,5mm"],
  "Edging 13.5mm": ["13,5 mm", "13,5mm", "13.5 mm"],
  "Sheet 1.4571": ["1.4571", "4571"],
  "Beam S235JR+N": ["S235JR", "s235", "S 235 JR", "S235 JR"],
  "Shaft C 45 E": ["C45E", "C45 E"],
  "Girder S275 JR": ["S275JR", "S 275 JR", "s275-jr"],
  "Bar 42CrMo4": ["42 CrMo 4", "42 CrMo4", "CrMo4"],
  "Granulate PA6-GF30": ["pa6gf30", "PA 6 GF 30"],
  "Profile EN AW-6060": ["ENAW6060", "EN AW 6060", "AW6060", "6060"],
  "Coil X5CrNi18-10": ["X5CrNi1810", "X5CrNi 18-10"],
  "Mosaic 60 x 60": ["60x60", "60×60"],
  "大理石タイル": ["大理石", "タイル", "ﾀｲﾙ", "大理石タイル"],
  "花崗岩 白": ["花崗岩", "白"],
  "โต๊ะไม้สัก": ["ไม้สัก", "โต๊ะ"],
  "참나무바닥": ["참나무", "바닥"],
  "سنگ مرمر کرم ٣٠٩": ["کرم", "كرم", "309", "۳۰۹"],
  "Stud 1½ × 3½": ["1 1/2 x 3 1/2", "1½", "1½ × 3½"],
  "Enamelled lustre ochre": ["enameled luster", "ocher"],
  "Kerb setts": ["curb", "curbs", "kerb"],
  "P.V.C. membrane": ["pvc", "PVC", "P.V.C."],
  "ABS edging": ["A.B.S.", "a.b.s"],
  "Mosaic 45x45x2": ["45 x 45 x 2", "45 × 45 × 2"],
  "Mosaic 61x61cm": ["61x61", "61x61cm", "61 x 61 cm", "61 × 61cm", "61 cm"],
  "Mosaic 62 x 62 cm": ["62x62cm", "62x62 cm", "62 x 62cm"],
  "Lath 100x50x18mm": ["100x50x18", "100 x 50 x 18 mm", "100x50x18mm"],
  "Plinth 600 mm x 300 mm": ["600x300", "600 x 300 mm", "600mm x 300mm", "600x300mm"],
  'Door 24" x 48"': ["24x48", '24" × 48"', "24 x 48"],
  "Film 2.4mm": ["2,4mm", "2,4 mm", "2.4 mm"],
  "Board 1,250 mm": ["1250 mm", "1250mm", "1250", "1,250", "1,250mm"],
  "Brett 2.750 mm": ["2750", "2.750 mm"],
  "Alloy 6061-T6": ["6061T6", "6061 T6"],
  "Lining 37x74": ["74x37", "37 x 74", "74 x 37 cm", "37×74"],
  "Rod PA66": ["PA6.6", "PA 6.6", "PA 66"],
  "Granulate PA6.12": ["PA612", "PA 612", "PA6.12"],
  "PE-HD pipe": ["HDPE", "PEHD", "PE HD"],
  "Tissue 8-ply": ["8ply", "8 ply"],
  "Paper 300 gsm": ["300gsm", "300 gsm"],
  "Card 350gsm": ["350 gsm", "350gsm"],
  "shot_floor01.jpg": ["floor01", "floor01.jpg"],
  "שַׁיִשׁ לָבָן": ["שיש", "לבן", "שַׁיִשׁ"],
  "רצף־קיר": ["קיר", "רצף-קיר"],
  "حَجَرٌۖ ٱلكلس": ["حجر", "الكلس"],
};

Deno.test("a material is found by its words however they are typed", async (t) => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const name of Object.keys(FOUND)) await addMaterial(sql, name);
  for (const [name, texts] of Object.entries(FOUND)) {
    await t.step(name, async () => {
      for (const query_text of texts) {
        const found = await searchAs(sql, alice, { query_text });
        assert.equal(namesOf(found)[0], name, query_text);
        assert.deepEqual(found.corrections, {}, query_text);
      }
    });
  }
});

Deno.test("all words that were asked for are found: the score is 1, synonyms or not", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterial(sql, "Grey granite");
  await addMaterial(sql, "Terra-cotta tile");
  for (const query_text of ["grey granite", "gray granite", "terra-cotta tile"]) {
    const { results: [best] } = await searchAs(sql, alice, { query_text });
    assert.equal(best.semantic, 1, query_text);
  }
});

Deno.test("a compound typed with a hyphen puts what has it in one word before what has a part of it", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const name of ["Antislip mat", "Terracotta tile", "Slip lining", "Terra nova tile"]) {
    await addMaterial(sql, name);
  }
  for (
    const [query_text, name] of [
      ["anti-slip", "Antislip mat"],
      ["Terra-Cotta", "Terracotta tile"],
      ["terra‑cotta tiles", "Terracotta tile"],
    ]
  ) {
    const { results: [best] } = await searchAs(sql, alice, { query_text });
    assert.deepEqual([best.material.name, best.semantic], [name, 1], query_text);
  }
});

Deno.test("a word too common to count finds nothing beside one that counts, and puts a name with both first", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const name of ["Cast in place concrete", "Oak board", "The oak", "No. 5", "No. 7"]) {
    await addMaterial(sql, name);
  }
  const find = async (query_text: string) => namesOf(await searchAs(sql, alice, { query_text }));
  assert.deepEqual((await find("in oak")).toSorted(), ["Oak board", "The oak"]);
  assert.deepEqual(await find("the oak"), ["The oak", "Oak board"]);
  assert.deepEqual(await find("No. 5"), ["No. 5"]);
});

Deno.test("a word in a script without blanks is never taken for another one", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterial(sql, "大理石の壁材");
  for (const query_text of ["大理石の床材です", "御影石の床材"]) {
    assert.deepEqual((await searchAs(sql, alice, { query_text })).corrections, {}, query_text);
  }
});

Deno.test("a pair of synonyms that an operator adds is in force at once, in both directions", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterial(sql, "Plasterboard");
  await addMaterial(sql, "Lino");
  const totalOf = async (query_text: string) =>
    (await searchAs(sql, alice, { query_text })).total_results;
  assert.equal(await totalOf("drywall"), 0);
  await sql`
    insert into material_search.synonyms (word, means)
    values ('drywall', 'plasterboard'), ('lino', 'linoleum')`;
  assert.deepEqual([await totalOf("drywall"), await totalOf("linoleum")], [1, 1]);
});

Deno.test("synonyms: capitals and accents of a pair make no difference", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterial(sql, "Weißtanne");
  await sql`
    insert into material_search.synonyms (word, means) values ('Silberfichte', 'Weißtanne')`;
  assert.deepEqual(namesOf(await searchAs(sql, alice, { query_text: "SILBERFICHTE" })), [
    "Weißtanne",
  ]);
});

Deno.test("a plural that is no regular one finds the singular, and the other way round", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const pairs = [["Oak leaf", "leaves"], ["Shelves", "shelf"], ["Goose down", "geese"]];
  for (const [name] of pairs) await addMaterial(sql, name!);
  for (const [name, query_text] of pairs) {
    const found = await searchAs(sql, alice, { query_text });
    assert.deepEqual([namesOf(found), found.corrections], [[name], {}], query_text);
  }
});

Deno.test("what a thing is made of is found by its adjective, not by a word that looks like it", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const name of ["Wool felt", "Wood floor"]) await addMaterial(sql, name);
  const found = await searchAs(sql, alice, { query_text: "wooden" });
  assert.deepEqual([found.corrections, namesOf(found)], [{}, ["Wood floor"]]);
});

Deno.test("a right word is not taken for a misspelt one", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterial(sql, "Grey granite");
  await addMaterial(sql, "Oak board");
  for (const query_text of ["gray", "granite", "boards", "GRANITÉ"]) {
    const found = await searchAs(sql, alice, { query_text });
    assert.deepEqual([found.corrections, found.total_results], [{}, 1], query_text);
  }
});
