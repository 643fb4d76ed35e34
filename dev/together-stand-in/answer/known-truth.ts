/**
 * A model whose reliability is known: what it says of a picture, and whether that is right, are drawn from a
 * table by the picture's hash, the model and a seed. The same picture is always answered alike.
 */
import { createHash } from "node:crypto";
import {
  type Material,
  MATERIAL_VOCABULARY,
} from "../../../supabase/functions/_shared/client/material.ts";
import type { Fault } from "../faults/faults.ts";

type Family = Material["family"];

/** The table, and what is true of the pictures. */
export type KnownTruth = Extract<Fault, { kind: "known_truth" }>;

/** An answer drawn from the table. */
export interface DrawnAnswer {
  family: Family;
  /** Of `family`. Its tokens and its own word say the same, so that the two fused come to it as well. */
  said: number;
  /** How often an answer that says so is right. */
  right: number;
  /** `family` and others, each with its probability. */
  probabilities: Map<string, number>;
}

/** Families beside the answered one, and how they share what is left: the truth is among them mostly. */
const OTHERS = [0.55, 0.2, 0.12, 0.08, 0.05];
const TRUTH_AMONG_OTHERS = 0.98;

/** @returns null for a picture of which nothing is known */
export function drawAnswer(
  { seed, families, rows }: Pick<KnownTruth, "seed" | "families" | "rows">,
  picture: Uint8Array,
  model: string,
): DrawnAnswer | null {
  const hash = createHash("sha256").update(picture).digest("hex");
  const truth = families[hash];
  if (truth === undefined) return null;
  const draw = (what: string) =>
    createHash("sha256").update(JSON.stringify([seed, model, hash, what])).digest()
      .readUInt32BE() / 2 ** 32;
  const { said, right } = readRows(rows, draw("row"));
  const possible: Family[] = MATERIAL_VOCABULARY.family.filter((family) =>
    family !== "unknown" && family !== "other"
  ).map((family) => ({ family, order: draw(family) }))
    .sort((left, right) => left.order - right.order)
    .map(({ family }) => family)
    .filter((family) => family !== truth);
  const isRight = draw("right") < right;
  const family = isRight ? truth : possible.shift()!;
  const others = possible.slice(0, OTHERS.length);
  if (!isRight && draw("second") < TRUTH_AMONG_OTHERS) {
    others.splice(draw("third") < 0.8 ? 0 : 1, 0, truth);
    others.pop();
  }
  const shares = others.map((other, index): [string, number] => [
    other,
    (1 - said) * OTHERS[index]!,
  ]);
  return { family, said, right, probabilities: new Map([[family, said], ...shares]) };
}

/** A place between the first row (0) and the last (1). */
function readRows(rows: KnownTruth["rows"], place: number): KnownTruth["rows"][number] {
  const at = place * (rows.length - 1);
  const from = rows[Math.floor(at)]!;
  const to = rows[Math.ceil(at)]!;
  const part = at - Math.floor(at);
  return {
    said: Number((from.said + (to.said - from.said) * part).toFixed(4)),
    right: from.right + (to.right - from.right) * part,
  };
}
