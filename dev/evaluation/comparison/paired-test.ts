/**
 * The test of two models on the same pictures.
 *
 * Under the null hypothesis it is chance which of the two is the better one on a source, so that the sign
 * of each source's difference (right answers of B less those of A) is a fair coin. The distribution of
 * their sum over all signs is computed exactly. Where each source has one picture this is McNemar's exact
 * test; of the observed sum itself half the probability counts, the mid-p: M. W. Fagerland, S. Lydersen &
 * P. Laake, "The McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact
 * conditional", BMC Medical Research Methodology 13:91 (2013). The signs of whole clusters: M. H. Gail et
 * al., "On design considerations and randomization-based inference for community intervention trials",
 * Statistics in Medicine 15 (1996).
 */

/** @param differences of each source, whole numbers @returns the two-sided mid-p value */
export function testPaired(differences: readonly number[]): number {
  const sizes = differences.map(Math.abs).filter((size) => size > 0);
  if (sizes.length === 0) return 1;
  const observed = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  const most = sizes.reduce((sum, size) => sum + size, 0);
  // Probabilities of the sums from -most to most.
  let probabilities = new Float64Array(2 * most + 1);
  probabilities[most] = 1;
  let reached = 0;
  for (const size of sizes) {
    const next = new Float64Array(2 * most + 1);
    for (let sum = most - reached; sum <= most + reached; sum++) {
      const half = probabilities[sum]! / 2;
      next[sum - size]! += half;
      next[sum + size]! += half;
    }
    probabilities = next;
    reached += size;
  }
  if (observed === 0) return 1;
  let beyond = 0;
  for (let sum = most + observed + 1; sum <= 2 * most; sum++) beyond += probabilities[sum]!;
  // Two-sided: the same on the other side.
  return Math.min(1, 2 * beyond + probabilities[most + observed]!);
}

/**
 * Adjusts p values of several tests so that the chance of any false claim stays that of one. S. Holm, "A
 * simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
 */
export function adjustByHolm(values: readonly number[]): number[] {
  const order = values.map((_, index) => index)
    .sort((left, right) => values[left]! - values[right]!);
  const adjusted = new Array<number>(values.length);
  let least = 0;
  for (const [rank, index] of order.entries()) {
    least = Math.max(least, Math.min(1, (values.length - rank) * values[index]!));
    adjusted[index] = least;
  }
  return adjusted;
}
