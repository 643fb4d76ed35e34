import { createRandom } from "../../random.ts";
import { applyFit } from "../maps/apply-fit.ts";
import { chooseFit } from "../maps/choose-fit.ts";
import { drawLabels, toMeanError, type Truth } from "./truth.ts";

/** What fits to many sets of labels of one truth came to. */
export interface SimulatedFits {
  /** Share of sets from which a map is installed. */
  installed: number;
  /** Share of them with isotonic maps. */
  isotonic: number;
  /** Mean |figure − true share|, rising: of the figures that are shown, a map or none. */
  errors: number[];
  /** The same of the raw figure, in the mean. */
  rawError: number;
}

const PROBES = 1_000;

/** Draws `sets` sets of labels from the truth and fits each. @param testDraws of the test of one fit */
export function simulateFits(
  truth: Truth,
  { labels, sets, testDraws = 99, perSource = 1, likeness = 0 }: {
    labels: number;
    sets: number;
    testDraws?: number;
    perSource?: number;
    likeness?: number;
  },
): SimulatedFits {
  let [installed, isotonic, rawError] = [0, 0, 0];
  const errors: number[] = [];
  for (let set = 0; set < sets; set++) {
    const random = createRandom(set * 7919 + labels);
    const drawn = drawLabels(truth, labels, random, { perSource, likeness });
    const choice = chooseFit(drawn, { random, draws: testDraws });
    const probes = drawLabels(truth, PROBES, random);
    const shown = choice?.fit ? applyFit(choice.fit, probes.raw) : probes.raw;
    if (choice?.fit) installed++;
    if (choice?.fit?.kind === "isotonic") isotonic++;
    errors.push(toMeanError(shown, probes.trueShare));
    rawError += toMeanError(probes.raw, probes.trueShare) / sets;
  }
  return {
    installed: installed / sets,
    isotonic: isotonic / sets,
    errors: errors.sort((a, b) => a - b),
    rawError,
  };
}

/** The share of sets whose error is at most this. */
export function toShareWithin(errors: readonly number[], most: number): number {
  return errors.filter((error) => error <= most).length / errors.length;
}
