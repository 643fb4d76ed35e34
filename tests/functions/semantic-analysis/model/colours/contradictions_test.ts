import assert from "node:assert/strict";
import { toColourName } from "../../../../../supabase/functions/_shared/client/picture/colour-names.ts";
import { toOklab } from "../../../../../supabase/functions/_shared/client/picture/oklab.ts";
import { toRegions } from "../../../../../supabase/functions/semantic-analysis/model/colours/colour-regions.ts";
import { toContradictionWarnings } from "../../../../../supabase/functions/semantic-analysis/model/colours/contradictions.ts";

const toPalette = (...hexes: string[]) =>
  hexes.map((hex) => ({ hex, share: 1 / hexes.length, name: "measured" }));

const isContradicted = (name: string, ...hexes: string[]) =>
  toContradictionWarnings([name], toPalette(...hexes)).length > 0;

interface NamedColour {
  name: string;
  hex: string;
}

/** Colours with the names that people, or a standard, gave them. */
function readNamed(list: "xkcd" | "nbs-iscc"): NamedColour[] {
  const file = new URL(`../../../../cases/colours/${list}.txt`, import.meta.url);
  const lines = Deno.readTextFileSync(file).split("\n").filter((line) => !line.startsWith("# "));
  return lines.flatMap((line) => line.split("; ").filter((entry) => entry !== ""))
    .map((entry) => ({ hex: entry.slice(0, 7), name: entry.slice(8) }))
    .filter(({ name }) => toRegions(name).length > 0);
}

Deno.test("contradictions: names of the XKCD survey and of NBS-ISCC fit their own colours", () => {
  const named = [...readNamed("xkcd"), ...readNamed("nbs-iscc")];
  assert.ok(named.length > 800);
  const wrong = named.filter(({ name, hex }) => isContradicted(name, hex));
  assert.ok(wrong.length / named.length < 0.01, JSON.stringify(wrong));
});

Deno.test("contradictions: NBS-ISCC's names fit under warm, cold, dim and bright light too", () => {
  const lights: [red: number, green: number, blue: number][] = [
    [1.08, 1, 0.85],
    [0.92, 1, 1.1],
    [0.8, 0.8, 0.8],
    [1.2, 1.2, 1.2],
  ];
  const named = readNamed("nbs-iscc");
  for (const light of lights) {
    const wrong = named.filter(({ name, hex }) => {
      const bytes = light.map((gain, index) =>
        Math.min(255, Math.round(gain * parseInt(hex.slice(1 + index * 2, 3 + index * 2), 16)))
      );
      const lit = `#${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
      return isContradicted(name, lit);
    });
    assert.ok(wrong.length / named.length < 0.05, `${light}: ${JSON.stringify(wrong)}`);
  }
});

Deno.test("contradictions: the name that a palette gives a colour is not contradicted by it", () => {
  const bytes = Array.from({ length: 16 }, (_, index) => index * 17);
  for (const red of bytes) {
    for (const green of bytes) {
      for (const blue of bytes) {
        const hex = `#${
          [red, green, blue].map((byte) => byte.toString(16).padStart(2, "0")).join("")
        }`;
        const name = toColourName(toOklab(red, green, blue));
        assert.ok(!isContradicted(name, hex), `${name} ${hex}`);
      }
    }
  }
});

Deno.test("contradictions: a colour word for pixels of quite another colour is contradicted", () => {
  const cases: [name: string, hex: string][] = [
    ["blue", "#b68350"],
    ["navy", "#8b4513"],
    ["dark green", "#c03030"],
    ["red", "#3060c0"],
    ["red", "#808080"],
    ["blue", "#808080"],
    ["white", "#202020"],
    ["black", "#f0f0e8"],
    ["yellow", "#5a2d82"],
    ["golden brown", "#2f4f8f"],
    ["pink", "#2e8b57"],
    ["grey", "#d02020"],
    ["charcoal", "#e0d8c8"],
    ["beige", "#1a1a40"],
    ["purple", "#d8b040"],
  ];
  for (const [name, hex] of cases) assert.ok(isContradicted(name, hex), `${name} ${hex}`);
});

Deno.test("contradictions: most names of the survey are contradicted by the opposite colour", () => {
  const chromatic = readNamed("xkcd")
    .map(({ name, hex }) => ({
      name,
      bytes: [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)),
    }))
    .filter(({ bytes }) => Math.max(...bytes) - Math.min(...bytes) > 100);
  const caught = chromatic.filter(({ name, bytes }) => {
    const [most, least] = [Math.max(...bytes), Math.min(...bytes)];
    const opposite = bytes.map((byte) => (most + least - byte).toString(16).padStart(2, "0"));
    return isContradicted(name, `#${opposite.join("")}`);
  });
  assert.ok(caught.length / chromatic.length > 0.95, `${caught.length} of ${chromatic.length}`);
});

Deno.test("contradictions: one measured colour that fits is enough, and each name is judged alone", () => {
  assert.ok(!isContradicted("blue", "#b68350", "#2040c0"));
  const warnings = toContradictionWarnings(
    ["blue", "brown", "green"],
    toPalette("#b68350", "#8b5a2b"),
  );
  assert.deepEqual(warnings.map(({ message }) => /"(.*?)"/.exec(message)![1]), ["blue", "green"]);
});

Deno.test("contradictions: a compound fits where either of its colours does", () => {
  assert.ok(!isContradicted("reddish brown", "#7a4030"));
  assert.ok(!isContradicted("Blue-Green", "#208080"));
  assert.ok(isContradicted("blue-green", "#c03030"));
});

Deno.test("contradictions: a name that tells no known colour is not judged", () => {
  for (const name of ["natural", "multicolored", "", "constructor", "__proto__", "rot"]) {
    assert.ok(!isContradicted(name, "#2040c0"), name);
  }
});

Deno.test("contradictions: a message names at most three colours of a palette", () => {
  const [warning] = toContradictionWarnings(
    ["blue"],
    toPalette("#b68350", "#a67340", "#966330", "#865320"),
  );
  assert.equal(warning!.message.match(/#/g)!.length, 3);
});
