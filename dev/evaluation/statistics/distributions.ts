/** Tails and quantiles of the distributions that the tests use, by jStat, with types. */
import jstat from "jstat";

interface JStat {
  binomial: { cdf(successes: number, trials: number, probability: number): number };
  normal: {
    cdf(value: number, mean: number, deviation: number): number;
    inv(probability: number, mean: number, deviation: number): number;
  };
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

/** P(Z ≤ value) of a standard normal Z. */
export function toNormalLowerTail(value: number): number {
  return jStat.normal.cdf(value, 0, 1);
}

/** The value below which a standard normal lies with this probability. */
export function toNormalQuantile(probability: number): number {
  return jStat.normal.inv(probability, 0, 1);
}
