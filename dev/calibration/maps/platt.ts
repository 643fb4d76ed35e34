import type { Fit } from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";

interface Line {
  slope: number;
  intercept: number;
}

/** The raw figure itself, where the search begins. */
const IDENTITY: Line = { slope: 1, intercept: 0 };

const MOST_STEPS = 40;

/** Of the last step: Newton's method squares what is left, so the line is right to eight digits. */
const TOLERANCE = 1e-4;

/** Keeps the two-by-two system solvable where all raw figures are equal. */
const RIDGE = 1e-9;

/**
 * The line of most likelihood, with targets drawn in from 0 and 1 to 1 / (N₋ + 2) and
 * (N₊ + 1) / (N₊ + 2). It never falls: where the best line would, it is flat.
 *
 * Platt, "Probabilistic outputs for support vector machines" (1999); Newton's method with
 * halved steps as in Lin, Lin & Weng, "A note on Platt's probabilistic outputs for
 * support vector machines", Machine Learning 68 (2007).
 *
 * @param targets of each label (`toTargets`).
 */
export function fitPlatt(
  logit: Float64Array,
  targets: Float64Array,
): Extract<Fit, { kind: "platt" }> {
  let best = IDENTITY;
  let bestLoss = Infinity;
  let { slope, intercept } = IDENTITY;
  for (let step = 0; step < MOST_STEPS; step++) {
    let loss = 0;
    let product = 1;
    let [slopeGradient, interceptGradient] = [0, 0];
    let [slopeCurvature, mixedCurvature, interceptCurvature] = [RIDGE, 0, RIDGE];
    for (let index = 0; index < logit.length; index++) {
      const x = logit[index]!;
      const value = slope * x + intercept;
      const decay = Math.exp(-Math.abs(value));
      const probability = value >= 0 ? 1 / (1 + decay) : decay / (1 + decay);
      const target = targets[index]!;
      loss += Math.max(value, 0) - target * value;
      product *= 1 + decay;
      if (product > 1e200) {
        loss += Math.log(product);
        product = 1;
      }
      const residual = probability - target;
      const weight = probability * (1 - probability);
      slopeGradient += residual * x;
      interceptGradient += residual;
      slopeCurvature += weight * x * x;
      mixedCurvature += weight * x;
      interceptCurvature += weight;
    }
    loss += Math.log(product);
    if (loss > bestLoss + 1e-10 * Math.abs(bestLoss)) {
      [slope, intercept] = [(slope + best.slope) / 2, (intercept + best.intercept) / 2];
      continue;
    }
    [best, bestLoss] = [{ slope, intercept }, loss];
    const determinant = slopeCurvature * interceptCurvature - mixedCurvature ** 2;
    const slopeStep = (interceptCurvature * slopeGradient - mixedCurvature * interceptGradient) /
      determinant;
    const interceptStep = (slopeCurvature * interceptGradient - mixedCurvature * slopeGradient) /
      determinant;
    slope -= slopeStep;
    intercept -= interceptStep;
    if (Math.abs(slopeStep) + Math.abs(interceptStep) < TOLERANCE) {
      best = { slope, intercept };
      break;
    }
  }
  const { slope: a, intercept: b } = best.slope >= 0 ? best : toFlatLine(targets);
  return { kind: "platt", a, b };
}

function toFlatLine(targets: Float64Array): Line {
  const share = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  return { slope: 0, intercept: Math.log(share / (1 - share)) };
}
