/** Objects as models write them, each in many variants: broken, wrapped, echoed, of other types. */
import { MATERIAL_SCHEMA } from "../../supabase/functions/semantic-analysis/model/material-schema.ts";
import { OAK } from "../support/fake-together.ts";
import { JSON_TEXT } from "./replies.ts";
import { STRUCTURE, test, type Variant } from "./variants.ts";

const WOOD = { status: 200, family: "wood", maxCalls: 1 };
const OAK_ALONE = { ...WOOD, analysis: "^Oak with a matt finish\\.$", kept: true };
const pretty = JSON.stringify(OAK, null, 2);
const without = (text: string, part: string | RegExp, by = "") => {
  const changed = text.replace(part, by);
  if (changed === text) throw new Error(`nothing to change: ${part}`);
  return changed;
};

const BROKEN: [name: string, text: string][] = [
  ["a trailing comma", without(JSON_TEXT, /}$/, ",}")],
  ["a trailing comma in a list", without(JSON_TEXT, '["light brown"]', '["light brown",]')],
  ["two commas", without(JSON_TEXT, ',"family"', ',,"family"')],
  ["a missing comma at the end of a line", without(pretty, ',\n  "type"', '\n  "type"')],
  ["a raw newline", without(JSON_TEXT, "white oak", "white\noak")],
  ["a raw newline in the description", without(JSON_TEXT, "with a matt", "with\na matt")],
  ["a raw tab", without(JSON_TEXT, "white oak", "white\toak")],
  ["NaN", without(JSON_TEXT, "0.9", "NaN")],
  ["Infinity", without(JSON_TEXT, "0.9", "-Infinity")],
  ["None", without(JSON_TEXT, '["ash"]', "None")],
  ["True", without(JSON_TEXT, '["rustic"]', "True")],
  ["undefined", without(JSON_TEXT, '["rustic"]', "undefined")],
  ["a comment behind", without(pretty, '"wood",', '"wood", // the family')],
  ["a comment between", without(JSON_TEXT, ',"type"', ', /* narrow */ "type"')],
  ["a comment with a hash", without(pretty, '"wood",', '"wood", # the family')],
  ["single quotes", JSON_TEXT.replaceAll('"', "'")],
  ["typographic quotes", JSON_TEXT.replace(/"([^"]*)"/g, "“$1”")],
  ["names without quotes", JSON_TEXT.replace(/"(\w+)":/g, "$1:")],
  ["values without quotes", JSON_TEXT.replace(/:"([a-z ]+)"/g, ":$1")],
  ["a number without its zero", without(JSON_TEXT, "0.9", ".9")],
  ["a plus", without(JSON_TEXT, "0.9", "+0.9")],
  ["an escape that is none", without(JSON_TEXT, "white oak", "white\\_oak")],
  ["an escaped apostrophe", without(JSON_TEXT, "white oak", "oak\\'s")],
  ["a byte order mark", `\ufeff${JSON_TEXT}`],
  ["wide punctuation", JSON_TEXT.replaceAll('":', '"：').replaceAll(',"', '，"')],
  ["semicolons", JSON_TEXT.replaceAll(',"', ';"')],
  ["blanks without width", JSON_TEXT.replaceAll(",", ",\u200b")],
  ["entities of HTML", JSON_TEXT.replaceAll('"', "&quot;")],
  ["escaped line breaks alone", pretty.replaceAll("\n", "\\n")],
  ["an equals sign", JSON_TEXT.replaceAll('":', '" = ')],
  ["Ruby's arrow", JSON_TEXT.replaceAll('":', '" => ')],
  ["guillemets", JSON_TEXT.replace(/"([^"]*)"/g, "«$1»")],
  ["guillemets the other way", JSON_TEXT.replace(/"([^"]*)"/g, "»$1«")],
  ["backticks", JSON_TEXT.replaceAll('"', "`")],
  ["dots at the end", without(JSON_TEXT, /}$/, ", ...}")],
  ["dots between members", without(JSON_TEXT, ',"type"', ', ..., "type"')],
  ["dots behind a text", without(JSON_TEXT, '"wood",', '"wood", …,\n')],
  ["dots in a list", without(JSON_TEXT, '["light brown"]', '["light brown", ...]')],
  ["dots in place of a list", without(JSON_TEXT, '["rustic"]', "...")],
  ["Python", JSON_TEXT.replaceAll('"', "'").replace("0.9", "None")],
];
test(
  "broken in one way only",
  STRUCTURE,
  BROKEN.map(([name, text]) => ({
    name,
    texts: [text],
    want: OAK_ALONE,
  })),
);

test(
  "a decimal comma",
  STRUCTURE,
  [
    ["before another member", /"confidence":0.9/, '"confidence":0,9,"x":1'],
    ["before a brace", /"confidence":0.9/, '"confidence": 0,90 '],
    ["in a text", /"confidence":0.9/, '"confidence":"0,9"'],
  ].map(([name, part, by]) => ({
    name: name as string,
    texts: [without(JSON_TEXT, part!, by as string)],
    want: { ...OAK_ALONE, confidenceAbove: 0.5 },
  })),
);
test(
  "quotes that are not escaped",
  STRUCTURE,
  [
    ["one word", 'with a "matt" finish'],
    ["before a comma", 'with a so-called "matt", finish'],
    ["at the end", 'with a finish called "matt"'],
    ["inches", 'with 3" boards'],
  ].map(([name, text]): Variant => ({
    name: name!,
    texts: [without(JSON_TEXT, "with a matt finish", text!)],
    want: { ...WOOD, analysis: "^Oak with .*\\.$", kept: true },
    wantStreamed: { ...WOOD, warning: "ANSWER_TRUNCATED", kept: true },
  })),
);

const WRAPPED: [name: string, text: string][] = [
  ["a fence", "```json\n" + pretty + "\n```"],
  ["a fence that doesn't end", "```json\n" + pretty],
  ["chat", `Sure! Here is the {JSON} you asked for:\n\n${pretty}\n\nLet me know {if} it helps.`],
  ["an object", `{"answer":${JSON_TEXT}}`],
  ["objects", `{"result":{"material":${JSON_TEXT}}}`],
  ["a list", `[${JSON_TEXT}]`],
  ["a list in an object", `{"materials":[${JSON_TEXT}]}`],
  ["a text in an object", JSON.stringify({ answer: JSON_TEXT })],
  ["a text", JSON.stringify(JSON_TEXT)],
  ["the description", JSON.stringify({ ...OAK, description: JSON_TEXT })],
  [
    "the description, in a fence",
    JSON.stringify({ ...OAK, description: "```json\n" + JSON_TEXT + "\n```" }),
  ],
  ["marks", `<|begin_of_box|>${JSON_TEXT}<|end_of_box|>`],
  ["an answer's tags", `<answer>${JSON_TEXT}</answer>`],
  [
    "thinking in the description",
    JSON.stringify({ ...OAK, description: `<think>hm</think>${OAK.description}` }),
  ],
];
test(
  "wrapped in",
  STRUCTURE,
  WRAPPED.map(([name, text]) => ({
    name,
    texts: [text],
    want: { ...WOOD, analysis: "^Oak with a matt finish\\.$", analysisNot: "[{}<]|hm" },
    ...(name === "thinking in the description" && {
      wantStreamed: { analysisNot: "hm|<" },
    }),
  })),
);

const ECHOES: [name: string, text: string][] = [
  [
    "with a description",
    '{"description":"A structured material analysis","type":"object","properties":{"family":{"type":"string"}}}',
  ],
  ["of all of it", JSON.stringify(MATERIAL_SCHEMA.schema)],
  ["with its name", JSON.stringify(MATERIAL_SCHEMA)],
  ["as a form", '{"description":"string","family":"one of wood, stone","colors":["string"]}'],
  ["with dots", '{"description":"...","family":"..."}'],
  [
    "in the prompt's words",
    '{"description":"two or three sentences that somebody could search for","family":"one of wood"}',
  ],
  ["of its enumerations", '{"family":{"enum":["wood","stone"]},"type":{"type":"string"}}'],
  ["twice", '{"type":"object"} {"type":"object"}'],
];
test(
  "an echo of the schema before the answer",
  STRUCTURE,
  ECHOES.map(([name, text]) => ({
    name,
    texts: [`${text}\n${JSON_TEXT}`],
    want: OAK_ALONE,
    // What was shown can't be taken back; the material is the answer's all the same.
    wantStreamed: WOOD,
  })),
);
test(
  "an echo of the schema behind the answer",
  STRUCTURE,
  ECHOES.map(([name, text]) => ({
    name,
    texts: [`${JSON_TEXT}\nThe schema was: ${text}`],
    want: OAK_ALONE,
  })),
);

const TYPES: [name: string, changes: Record<string, unknown>][] = [
  ["a list of one", { family: ["wood"] }],
  ["a list of several", { family: ["wood", "stone"] }],
  ["an object with a name", { family: { name: "wood" } }],
  ["an object with a value", { family: { value: "wood", confidence: 0.9 } }],
  ["upper case", { family: "WOOD " }],
  ["lists as texts", {
    colors: "light brown, beige",
    applications: "flooring; walls",
    style: "rustic and old",
  }],
  ["lists of objects", { colors: [{ name: "light brown", hex: "#aa8855" }] }],
  ["a number as text", { confidence: "0.9" }],
  ["a percentage", { confidence: "90%" }],
  ["null lists", { colors: null, style: null, lookalikes: null }],
  ["booleans", { style: true, transparency: false }],
  ["flags in words", { quality_flags: ["Blurry", "low resolution"] }],
  ["more than asked", { extra: { family: "stone" }, notes: ["x"] }],
];
test(
  "values of another type",
  STRUCTURE,
  TYPES.map(([name, changes]) => ({
    name,
    texts: [JSON.stringify({ ...OAK, ...changes })],
    want: OAK_ALONE,
  })),
);
test(
  "names spelt otherwise",
  STRUCTURE,
  [
    ["upper case", JSON_TEXT.replace(/"(\w+)":/g, (name) => name.toUpperCase())],
    ["camel case", JSON_TEXT.replace('"quality_flags"', '"qualityFlags"')],
    ["British", JSON_TEXT.replace('"colors"', '"colours"')],
  ].map(([name, text]) => ({ name: name!, texts: [text!], want: OAK_ALONE })),
);

const LONG = "Oak boards, matt and straight. ".repeat(60);
test("longer than allowed", STRUCTURE, [{
  name: "a description of 1,800 characters",
  texts: [JSON.stringify({ ...OAK, description: LONG })],
  want: { ...WOOD, analysis: "^[^]{500,600}$", warning: "ANSWER_TRUNCATED" },
}]);

test("prose in place of structure", STRUCTURE, [{
  name: "is repaired",
  texts: ["It is oak, I think.", JSON_TEXT],
  want: { status: 200, family: "wood", maxCalls: 2, kept: true },
}, {
  name: "is prose where it can't be repaired",
  texts: ["It is oak, I think."],
  want: { status: 200, analysis: "oak", warning: "STRUCTURE_UNAVAILABLE", maxCalls: 2, kept: true },
}]);
test("an object that is cut", STRUCTURE, [{
  name: "in its list, then whole",
  texts: [JSON_TEXT.slice(0, 200), JSON_TEXT],
  reply: { finishReason: "length" },
  want: { status: 200, family: "wood", maxCalls: 2 },
  wantStreamed: { status: 200, family: "wood", warning: "ANSWER_TRUNCATED", maxCalls: 1 },
}]);
test("quotes that are not escaped, several", STRUCTURE, [{
  name: "before a comma and another quote",
  texts: [without(JSON_TEXT, "with a matt finish", 'called "matt", "silk" or "eggshell"')],
  want: { ...WOOD, analysis: "eggshell", kept: true },
  wantStreamed: { ...WOOD, warning: "ANSWER_TRUNCATED" },
}]);
