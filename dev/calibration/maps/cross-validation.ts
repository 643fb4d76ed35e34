import {
  type Fit,
  toLogit,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { type LabelColumns, pickLabels } from "../labels/label.ts";
import { applyFit } from "./apply-fit.ts";
import { fitIsotonic, toRisingOrder } from "./isotonic.ts";
import { fitPlatt } from "./platt.ts";
import { toTargets } from "./targets.ts";

/** The form of a fit. */
export type FitKind = Fit["kind"];

/** One fold: what is fitted and what is held out, prepared once for many fits. */
export interface Split {
  fitted: Int32Array;
  heldOut: Int32Array;
  fit: (kind: FitKind, right: Float64Array) => Fit;
  heldOutRaw: Float64Array;
}

/** The function of this form that fits the labels best. */
export function fitLabels(kind: FitKind, labels: LabelColumns): Fit {
  return prepareFit(labels.raw)(kind, labels.right);
}

/** A split for each of the folds that `folds` numbers from 0. */
export function toSplits(labels: LabelColumns, folds: Uint8Array): Split[] {
  return Array.from({ length: Math.max(...folds) + 1 }, (_, fold) => {
    const places = Int32Array.from(folds.keys());
    const fitted = places.filter((place) => folds[place] !== fold);
    const heldOut = places.filter((place) => folds[place] === fold);
    return {
      fitted,
      heldOut,
      fit: prepareFit(pickLabels(labels, fitted).raw),
      heldOutRaw: pickLabels(labels, heldOut).raw,
    };
  });
}

/**
 * The figure of each label by a fit without its fold, in the mean over lots of folds: what one lot says of
 * a hundred labels is chance to a good part.
 */
export function predictHeldOut(kind: FitKind, lots: Split[][], right: Float64Array): Float64Array {
  const calibrated = new Float64Array(right.length);
  for (const { fitted, heldOut, fit, heldOutRaw } of lots.flat()) {
    const fittedRight = new Float64Array(fitted.length);
    for (let index = 0; index < fitted.length; index++) {
      fittedRight[index] = right[fitted[index]!]!;
    }
    const figures = applyFit(fit(kind, fittedRight), heldOutRaw);
    for (let index = 0; index < heldOut.length; index++) {
      calibrated[heldOut[index]!]! += figures[index]! / lots.length;
    }
  }
  return calibrated;
}

/** Fits to labels with these raw figures: what does not depend on which are right is done once. */
export function prepareFit(raw: Float64Array): Split["fit"] {
  const logit = raw.map(toLogit);
  let order: Int32Array | undefined;
  return (kind, right) => {
    const targets = toTargets(right);
    if (kind === "platt") return fitPlatt(logit, targets);
    order ??= toRisingOrder(raw);
    return fitIsotonic(raw, targets, order);
  };
}
