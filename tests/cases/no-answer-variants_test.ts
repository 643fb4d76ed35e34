/** What is no answer, each in many variants: noise, refusals, objects that know nothing, controls. */
import { OAK } from "../support/fake-together.ts";
import type { Want } from "./case.ts";
import { JSON_TEXT } from "./replies.ts";
import { OWN, PROSE, STRUCTURE, test, WALL } from "./variants.ts";

const LATE: Want = { status: 599, code: "UPSTREAM_INVALID_RESPONSE", kept: false };

const NOISE: [name: string, text: string][] = [
  ["exclamation marks", "!".repeat(300)],
  ["nothing", ""],
  ["white space", " \n\t "],
  ["dots", "… … …"],
  ["one letter", "o".repeat(300)],
  ["one word", "the ".repeat(60)],
  ["replacement characters", "\ufffd".repeat(50)],
  ["digits", "0 0 0 0 0 0 0"],
  ["controls", "\u0000\u0001\u0002"],
  ["marks alone", "<|im_end|><|im_start|>"],
  ["an empty fence", "```\n```"],
  ["an empty object", "{}"],
  ["thinking alone", "<think>I should look</think>"],
];
/** What may be the answer to a caller's own prompt, and is none to ours. */
const UNKNOWN: [name: string, text: string][] = [
  ["unknown", "Unknown."],
  ["none", "None"],
  ["null", "null"],
  ["not applicable", "N/A"],
  ["a picture", "[image]"],
  ["what announces it", "Sure! Here is the description of the image you provided:"],
];
/** Not where the caller's patience is shown something at once. */
const isShownAtOnce = ([name]: [string, string]) => name === "one letter" || name === "one word";

for (const [request, name] of [[PROSE, "prose"], [OWN, "own prompt"]] as const) {
  test(
    `noise, ${name}`,
    request,
    NOISE.map((noise) => ({
      name: noise[0],
      texts: [noise[1], WALL],
      want: { status: 200, analysis: "^A wall", maxCalls: 2, kept: true },
      ...(isShownAtOnce(noise) && { wantStreamed: LATE }),
    })),
  );
}
test(
  "noise, structure",
  STRUCTURE,
  NOISE.map(([name, text]) => ({
    name,
    texts: [text, JSON_TEXT],
    want: { status: 200, family: "wood", maxCalls: 2 },
  })),
);
for (const [request, text] of [[PROSE, WALL], [STRUCTURE, JSON_TEXT]] as const) {
  const want = { status: 200, analysis: text === WALL ? "^A wall" : "^Oak", maxCalls: 2 };
  test(
    `nothing known, ${text === WALL ? "prose" : "structure"}`,
    request,
    UNKNOWN.map(([name, nothing]) => ({ name, texts: [nothing, text], want })),
  );
}
test("noise of every model", PROSE, [{
  name: "is an error",
  texts: ["!!!!!!!!!!!!"],
  want: { status: 502, code: "UPSTREAM_INVALID_RESPONSE" },
  wantStreamed: { status: 599, code: "UPSTREAM_INVALID_RESPONSE" },
}]);

const DECLINING: [name: string, text: string][] = [
  ["sorry", "I'm sorry, but I can't assist with that."],
  ["a typographic apostrophe", "I’m sorry, but I can’t help with identifying this."],
  ["unable", "I am unable to view images."],
  ["cannot see", "I cannot see any image."],
  ["an AI", "As an AI language model, I cannot analyze pictures."],
  ["unfortunately", "Unfortunately, no image was provided. Please upload one."],
  ["please provide", "Please provide an image for me to describe."],
  ["lacking", "I lack the ability to see images."],
  ["not given", "I have not been given an image."],
  ["not seeing", "I'm not seeing any picture in your message."],
  ["seems", "There appears to be no picture attached."],
  ["broken", "The image appears to be corrupted and cannot be displayed."],
  ["in brackets", "[Image not available]"],
];
test(
  "declining, prose",
  PROSE,
  DECLINING.map(([name, text]) => ({
    name,
    texts: [text, WALL],
    want: { status: 200, analysis: "^A wall", maxCalls: 2, kept: true },
  })),
);
test(
  "declining, structure",
  STRUCTURE,
  DECLINING.map(([name, text]) => ({
    name,
    texts: [text, JSON_TEXT],
    want: { status: 200, family: "wood", maxCalls: 2 },
  })),
);
test(
  "declining, own prompt",
  OWN,
  DECLINING.map(([name, text]) => ({
    name,
    texts: [text],
    want: { status: 200, kept: false, maxCalls: 1 },
  })),
);
test(
  "no refusal",
  PROSE,
  [
    "I can see a wall of red bricks.",
    "Unfortunately the picture is dark, but it appears to be oak; I can't tell the finish.",
    "I'm afraid it looks like plywood.",
    "Sorry state of repair: a wall of red bricks.",
  ].map((text) => ({ name: text, texts: [text], want: { status: 200, kept: true, maxCalls: 1 } })),
);

const NOTHING_KNOWN = Object.fromEntries(Object.keys(OAK).map((key) => [key, "unknown"]));
test(
  "knows nothing",
  STRUCTURE,
  [
    { ...NOTHING_KNOWN, description: "I cannot see any image.", confidence: 0.1 },
    { ...NOTHING_KNOWN, description: "An unclear picture.", colors: [], confidence: 0 },
    { description: "A picture." },
    { description: "A picture.", family: null, type: "", colors: [null], style: ["unknown"] },
    { description: "A picture.", family: "N/A", quality_flags: ["blurry", "no_material"] },
  ].map((object) => ({
    name: JSON.stringify(object).slice(0, 60),
    texts: [JSON.stringify(object)],
    want: { status: 200, kept: false, maxCalls: 1 },
  })),
);

const HIDDEN = "K\u0000f2r\u0007sou \ud800 \x9b31m \u007f";
const escape = (text: string) =>
  JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
const HIDDEN_JSON = JSON.stringify({ ...OAK, description: "@", type: "@", colors: ["@"] })
  .replaceAll('"@"', escape(`Oak ${HIDDEN}`));
test("what can't be stored", STRUCTURE, [
  {
    name: "escaped",
    texts: [HIDDEN_JSON],
    want: { status: 200, storable: true, family: "wood", maxCalls: 1 },
  },
]);
for (const [request, name] of [[PROSE, "prose"], [OWN, "own prompt"]] as const) {
  test(`what can't be stored, ${name}`, request, [
    {
      name: "as it is",
      texts: ["A wall\u0000 of red\u001b[31m bricks\u0085, \ud83e\uddf1\u0007."],
      want: { status: 200, storable: true, maxCalls: 1 },
    },
  ]);
}
test(
  "what only looks like JSON",
  OWN,
  [
    { name: "a list in words", texts: ['The label reads ["OAK", "ASH"] in red.'] },
    { name: "a set in braces", texts: ["It is one of {oak, ash}, I think."] },
  ].map((variant) => ({
    ...variant,
    want: { status: 200, analysis: "(red|think)\\.$", kept: true },
  })),
);
