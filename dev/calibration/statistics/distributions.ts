/** Tails and quantiles of the distributions that the tests use, by jStat, with types. */
import jstat from "jstat";

interface JStat {
  binomial: { cdf(successes: number, trials: number, probability: number): number };
  beta: { inv(probability: number, alpha: number, beta: number): number };
  normal: {
    cdf(value: number, mean: number, deviation: number): number;
    pdf(value: number, mean: number, deviation: number): number;
    inv(probability: number, mean: number, deviation: number): number;
  };
  studentt: { cdf(value: number, degreesOfFreedom: number): number };
}

const { jStat } = jstat as unknown as { jStat: JStat };

/** P(X ≤ successes) of Binomial(trials, probability), to ten digits; 0 below 0 and 1 from `trials` on. */
export function toBinomialLowerTail(
  successes: number,
  trials: number,
  probability: number,
): number {
  if (successes < 0) return 0;
  if (successes >= trials) return 1;
  return jStat.binomial.cdf(successes, trials, probability);
}

/**
 * The exact interval of a binomial share, at this level of confidence.
 *
 * Clopper & Pearson, "The use of confidence or fiducial limits illustrated in the case of the
 * binomial", Biometrika 26 (1934).
 */
export function toExactInterval(
  successes: number,
  trials: number,
  confidence = 0.95,
): [number, number] {
  if (trials === 0) return [0, 1];
  const tail = (1 - confidence) / 2;
  return [
    successes === 0 ? 0 : jStat.beta.inv(tail, successes, trials - successes + 1),
    successes === trials ? 1 : jStat.beta.inv(1 - tail, successes + 1, trials - successes),
  ];
}

/** P(Z ≤ value) of a standard normal Z. */
export function toNormalLowerTail(value: number): number {
  return jStat.normal.cdf(value, 0, 1);
}

/** The density of a standard normal at `value`. */
export function toNormalDensity(value: number): number {
  return jStat.normal.pdf(value, 0, 1);
}

/** The value below which a standard normal lies with this probability. */
export function toNormalQuantile(probability: number): number {
  return jStat.normal.inv(probability, 0, 1);
}

/** P(T ≤ value) of Student's T. */
export function toStudentLowerTail(value: number, degreesOfFreedom: number): number {
  return jStat.studentt.cdf(value, degreesOfFreedom);
}
