import assert from "node:assert/strict";
import { createReader } from "../../../../../supabase/functions/semantic-analysis/model/reading/reader.ts";
import type { JsonObject } from "../../../../../supabase/functions/semantic-analysis/model/reading/json/parser.ts";
import { createJsonScanner } from "../../../../../supabase/functions/semantic-analysis/model/reading/json/scanner.ts";
import fc from "../../../../support/fast-check.ts";

const PROSE = {
  isStructured: false,
  isOwnPrompt: false,
  isJsonWanted: false,
  maxTokens: 4_096,
  model: { thinking: "tagged" },
} as const;

function read(pieces: string[], isStructured: boolean) {
  let shown = "";
  const reader = createReader({ ...PROSE, isStructured, show: (text) => shown += text });
  for (const piece of pieces) reader.push(piece);
  const text = pieces.join("");
  const judged = reader.end({ text, model: "a/b", end: "complete", usage: null, logprobs: null });
  return { ...judged, shown };
}

/** A text in pieces that end at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const edges = [0, ...places.map((place) => place % (text.length + 1)), text.length];
  return edges.toSorted((a, b) => a - b).flatMap((end, at, all) =>
    at === 0 ? [] : [text.slice(all[at - 1], end)]
  ).filter((piece) => piece !== "");
}

const token = fc.constantFrom(
  ..."{}[]:,\"'`\\/#<>|\n ".split(""),
  '"description"',
  '"family":"wood"',
  "<think>",
  "</think>",
  "```",
  "null",
  "0.9",
  "oak",
  "/*",
  "*/",
  "\\u00",
  "“",
  "”",
  "\ud83d",
  "\u0000",
);
const text = fc.array(fc.oneof({ weight: 5, arbitrary: token }, fc.string({ maxLength: 4 })), {
  maxLength: 60,
}).map((tokens) => tokens.join(""));
const places = fc.array(fc.nat(200), { maxLength: 20 });

Deno.test("createReader() reads any text in any pieces, and what it showed is what it says was shown", () => {
  fc.assert(
    fc.property(text, places, fc.boolean(), (text, places, isStructured) => {
      const { judgement, reading, shown } = read(cut(text, places), isStructured);
      if (judgement === "answer" && shown !== "") assert.equal(reading.analysis, shown);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("createJsonScanner() finds the same objects in any pieces", () => {
  const scan = (pieces: string[]) => {
    const objects: JsonObject[] = [];
    let chat = "";
    const scanner = createJsonScanner({
      onObject: (object) => objects.push(object),
      onChat: (text) => chat += text,
    });
    for (const piece of pieces) scanner.push(piece);
    scanner.end();
    return { chat, objects: objects.map((each) => [JSON.stringify(each), scanner.sourceOf(each)]) };
  };
  fc.assert(
    fc.property(text, places, (text, places) => {
      assert.deepEqual(scan(cut(text, places)), scan([text]));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("createJsonScanner() reads whatever JSON there is as JSON.parse does", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^\w{1,20}$/), fc.jsonValue({ maxDepth: 4 })),
      (value) => {
        const json = JSON.stringify(value);
        const objects: JsonObject[] = [];
        const scanner = createJsonScanner({ onObject: (object) => objects.push(object) });
        scanner.push(`Here: ${json} done`);
        scanner.end();
        assert.equal(JSON.stringify(objects[0]), JSON.stringify(JSON.parse(json)));
      },
    ),
  );
});

Deno.test("createJsonScanner() reads each kind of escape, and takes one that is none for its character", () => {
  const read = (escaped: string) => {
    const objects: JsonObject[] = [];
    const scanner = createJsonScanner({ onObject: (object) => objects.push(object) });
    scanner.push(`{"a":"${escaped}"}`);
    scanner.end();
    return JSON.stringify(objects[0]);
  };
  for (
    const [escaped, text] of [
      ["\\u0041b", "Ab"],
      ["\\x41b", "Ab"],
      ["\\u00e9\\x2f", "é/"],
      ["\\u004g", "u004g"],
      ["\\x4g", "x4g"],
      ["\\u41", "u41"],
      ["\\n\\t\\/", "\n\t/"],
      ["\\q\\'", "q'"],
    ] as const
  ) assert.equal(read(escaped), JSON.stringify({ a: text }), escaped);
});

Deno.test("createReader() takes nesting, and what never ends, for what they are: no answer", () => {
  for (
    const text of [
      '{"a":'.repeat(2_000),
      "[".repeat(2_000) + '{"a":1}',
      '{"a":[[[[[[[[[[[[1]]]]]]]]]]]]}',
      '{"description":"' + " ".repeat(20_000),
      '{"a": /*' + "*".repeat(10_000),
      "<think>".repeat(2_000),
      "`".repeat(10_000),
      " \n".repeat(20_000),
    ]
  ) {
    for (const isStructured of [true, false]) {
      for (const size of [3, text.length]) {
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g"))!;
        assert.equal(read(pieces, isStructured).judgement, "nothing", text.slice(0, 20));
      }
    }
  }
});

Deno.test("createReader() reads an announcement with blanks without end behind it", () => {
  for (const isStructured of [true, false]) {
    assert.equal(read([`Answer:${" ".repeat(60_000)}`], isStructured).reading.analysis, "Answer:");
  }
});

Deno.test("createReader() reads texts of JSON within each other as deep as any are meant, and ends", () => {
  const within = (text: string, depth: number): string =>
    depth === 0 ? text : JSON.stringify({ description: within(text, depth - 1) });
  assert.equal(read([within("An oak board.", 3)], false).reading.analysis, "An oak board.");
  assert.equal(read([within("An oak board.", 9)], false).judgement, "nothing");
  assert.equal(read(['{"description":"'.repeat(4_000)], false).judgement, "nothing");
});

Deno.test("createJsonScanner() takes a comma between digits for a point in one way only", () => {
  const valueOf = (text: string, size = text.length) => {
    let object: JsonObject | undefined;
    const scanner = createJsonScanner({ onObject: (each) => object = each });
    for (let at = 0; at < text.length; at += size) scanner.push(text.slice(at, at + size));
    scanner.end();
    return object?.a;
  };
  for (const size of [1, 100]) {
    assert.equal(valueOf('{"a": 0,9}', size), 0.9);
    assert.equal(valueOf('{"a": -12,25, "b": 1}', size), -12.25);
    assert.equal(valueOf('{"a": 1,200}', size), "1,200");
    assert.deepEqual(valueOf('{"a": [0,9]}', size), [0, 9]);
    assert.equal(valueOf('{"a": 0.9,', size), 0.9);
    assert.equal(valueOf('{"a": 5,"b": 1}', size), 5);
  }
});

Deno.test("createJsonScanner() leaves braces in prose that hold dots, or an equals sign without quotes", () => {
  for (const text of ["Oak {...} boards.", "Oak {…} boards.", "Oak {n = 5} boards."]) {
    let chat = "";
    const scanner = createJsonScanner({ onChat: (text) => chat += text });
    scanner.push(text);
    scanner.end();
    assert.equal(chat, text);
  }
});

Deno.test("createJsonScanner() takes so many objects, whatever is within them, and no more", () => {
  for (const unit of ['{"a":', '{"a":1},', '{"a":[{},{}]} ', "{a:", "{}"]) {
    let count = 0;
    const scanner = createJsonScanner({ onObject: () => count++ });
    scanner.push(unit.repeat(5_000));
    scanner.end();
    assert.ok(count > 0 && count <= 256, `${unit} ${count}`);
  }
});

Deno.test("createJsonScanner() passes on what follows the last object that it takes", () => {
  let chat = "";
  const scanner = createJsonScanner({ onChat: (text) => chat += text });
  scanner.push("{} ".repeat(300) + "Oak.");
  scanner.end();
  assert.match(chat, /Oak\.$/);
});

const GROWING: [name: string, beginning: string, piece: string, isStructured: boolean][] = [
  ["a quote", '"', "An oak board. ", false],
  ["a bracket, of blank lines", "[", " \n", false],
  ["a fence, of blank lines", "```json", "\n", false],
  ["a list's bracket, of one word", '{"colors":[', "◁", true],
  ["a colon, of digits and commas", '{"description":"Oak.","confidence":', "1,", true],
];
for (const [name, beginning, piece, isStructured] of GROWING) {
  Deno.test(`createReader(): a long text behind ${name}, is not searched anew with each piece`, () => {
    let searchedLength = 0;
    const [{ exec }, { trimEnd }] = [RegExp.prototype, String.prototype];
    const reader = createReader({ ...PROSE, isStructured, show: () => {} });
    RegExp.prototype.exec = function (text) {
      searchedLength += text.length;
      return exec.call(this, text);
    };
    String.prototype.trimEnd = function () {
      searchedLength += this.length;
      return trimEnd.call(this);
    };
    try {
      reader.push(beginning);
      for (let at = 0; at < 10_000; at++) reader.push(piece);
    } finally {
      RegExp.prototype.exec = exec;
      String.prototype.trimEnd = trimEnd;
    }
    assert.ok(searchedLength <= 10_000_000, `${searchedLength} characters were searched`);
  });
}
