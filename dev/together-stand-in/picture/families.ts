/**
 * The most likely material family, by a hand-written linear score of the measurements and a softmax.
 *
 * Nothing is learnt and nothing is hidden: a family's score is the sum of features × weights below. A
 * probability says how far the measurements favour a family over the others here, no more.
 */

import type { Measurements } from "./measure.ts";

const FEATURES = [
  "warmth",
  "colour",
  "neutrality",
  "paleness",
  "grain",
  "fine repetition",
  "wide repetition",
  "crossing lines",
  "speckle",
  "smoothness",
  "veins",
  "evenness",
] as const;

/** What is weighed, each from 0 to 1 (warmth from -1), named as it is said in an answer. */
export type Feature = typeof FEATURES[number];

/** The weights: rows are families, columns the features in the order above. */
// deno-fmt-ignore
const WEIGHTS = {
  //        warm  colo  neut  pale  grai  fine  wide  cros  spec  smoo  vein  even
  wood:    [ 1.4,  0.4, -1.2, -0.4,  2.2, -1.0, -0.6, -0.5, -0.8,  0.0,  0.0, -1.5],
  stone:   [ 0.0, -0.6,  0.6,  0.6, -1.0, -1.2, -1.0, -0.6,  1.8,  0.2,  2.6, -1.0],
  brick:   [ 1.0,  0.5, -0.8, -0.6, -0.2, -0.8,  2.0,  1.4, -0.6,  0.0,  0.0, -1.5],
  textile: [-0.2,  0.3,  0.0,  0.0, -0.8,  2.6, -0.4,  0.8,  0.3, -0.6, -0.4, -0.8],
  metal:   [-0.6, -1.0,  1.0, -0.2,  1.8, -0.8, -1.0, -0.2, -0.6,  0.6, -0.6, -0.4],
  ceramic: [ 0.0, -0.2,  0.2,  0.8, -0.6, -0.6,  1.6,  1.2, -0.8,  0.4, -0.2, -0.3],
  plaster: [ 0.1, -0.8,  0.5,  0.8, -1.0, -1.0, -1.0,  0.0, -0.6,  0.5, -1.0,  1.4],
  plastic: [-0.2,  1.2, -0.4,  0.0, -1.0, -1.0, -1.0, -0.2, -0.8,  0.5, -0.8,  1.6],
} as const;

/** A material family that the stand-in can name. */
export type Family = keyof typeof WEIGHTS;

/** All families, in no order of merit. */
export const FAMILIES = Object.keys(WEIGHTS) as Family[];

/** A family and how far the measurements speak for it. */
export interface FamilyGuess {
  family: Family;
  /** 0 to 1; all families together make 1. */
  probability: number;
  /** The feature that sets this family apart most from the average family. */
  reason: Feature;
}

/** Scores all families, most likely first. */
export function rankFamilies(measurements: Measurements): FamilyGuess[] {
  const features = toFeatures(measurements);
  const scores = FAMILIES.map((family) => scoreOf(family, features));
  const highest = Math.max(...scores);
  const odds = scores.map((score) => Math.exp(score - highest));
  const total = odds.reduce((sum, value) => sum + value, 0);
  return FAMILIES
    .map((family, index) => ({
      family,
      probability: odds[index]! / total,
      reason: reasonFor(family, features),
    }))
    .sort((left, right) => right.probability - left.probability);
}

/** Squashes the measurements into comparable features; exported to make a guess explainable. */
export function toFeatures(measurements: Measurements): Record<Feature, number> {
  const { lightness, contrast, skew, saturation, warmth, grain, regularity } = measurements;
  const edges = ramp(grain.edgeDensity, 0, 0.5);
  // Any picture correlates a little with itself when shifted.
  const repetition = ramp(regularity.strength, 0.15, 0.9);
  const fine = 1 - ramp(regularity.periodShare, 0.08, 0.12);
  return {
    "warmth": Math.max(-1, Math.min(1, warmth / 0.09)),
    "colour": ramp(saturation, 0.02, 0.14),
    "neutrality": 1 - ramp(saturation, 0.005, 0.035),
    "paleness": ramp(lightness, 0.7, 0.95),
    "grain": grain.strength,
    "fine repetition": repetition * fine,
    "wide repetition": repetition * (1 - fine),
    "crossing lines": grain.crossing * (1 - grain.strength),
    "speckle": edges * (1 - grain.strength) * (1 - repetition),
    "smoothness": 1 - ramp(grain.edgeDensity, 0, 0.15),
    "veins": Math.max(0, -skew) * ramp(contrast, 0.04, 0.12) * (1 - grain.strength),
    "evenness": 1 - ramp(contrast, 0.01, 0.1),
  };
}

function scoreOf(family: Family, features: Record<Feature, number>): number {
  return FEATURES.reduce((sum, feature) => sum + features[feature] * weightOf(family, feature), 0);
}

function reasonFor(family: Family, features: Record<Feature, number>): Feature {
  const advantage = (feature: Feature) => {
    const average = FAMILIES.reduce((sum, other) => sum + weightOf(other, feature), 0) /
      FAMILIES.length;
    return features[feature] * (weightOf(family, feature) - average);
  };
  return FEATURES.reduce((best, feature) => advantage(feature) > advantage(best) ? feature : best);
}

function weightOf(family: Family, feature: Feature): number {
  return WEIGHTS[family][FEATURES.indexOf(feature)] ?? 0;
}

/** 0 up to `low`, 1 from `high` on, straight in between. */
function ramp(value: number, low: number, high: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}
