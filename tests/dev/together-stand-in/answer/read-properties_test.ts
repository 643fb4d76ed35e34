import assert from "node:assert/strict";
import { readProperties } from "../../../../dev/together-stand-in/answer/read-properties.ts";

const CASES: [name: string, texts: string[], properties: Record<string, unknown>][] = [
  ["an object among words", ['Fix this: {"family": "wood", "colors": ["tan"]} please'], {
    family: "wood",
    colors: ["tan"],
  }],
  ["an object cut short", ['{"family":"wood","colors":["tan","a"],"confidence":0.5,"style":["r'], {
    family: "wood",
    colors: ["tan", "a"],
    confidence: 0.5,
  }],
  ["an object with a comma too many", ['{"description": "A \\"fine\\" oak",}'], {
    description: 'A "fine" oak',
  }],
  ["prose that names a family", ["Looks like Stone, not wood"], {
    description: "Looks like Stone, not wood",
    family: "stone",
  }],
  ["the latest text that says anything", ["It is stone", "It is wood", "Try again"], {
    description: "It is wood",
    family: "wood",
  }],
  ["what is set apart", ["family: one of stone, metal\n-----\nIt is wood.\n-----\nNow!"], {
    description: "It is wood.",
    family: "wood",
  }],
  ["what stands in a code block", ['Not {"family":"stone"}\n```json\n{"family":"wood"}\n```'], {
    family: "wood",
  }],
  ["nothing where nothing is said", ["Hello", "{}["], {}],
  ["nothing in no text", [], {}],
];

for (const [name, texts, properties] of CASES) {
  Deno.test(`readProperties() reads ${name}`, () => {
    assert.deepEqual(Object.fromEntries(readProperties(texts)), properties);
  });
}
