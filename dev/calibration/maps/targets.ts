/**
 * What a map is fitted to: 1 and 0 drawn in to (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2), so that no map
 * says 0 or 1 because no label contradicted it.
 *
 * Platt, "Probabilistic outputs for support vector machines" (1999), §2.2.
 *
 * @param right 1 or 0; other numbers are drawn in by the same rule (a bootstrap has them).
 */
export function toTargets(right: Float64Array): Float64Array {
  let sum = 0;
  for (const each of right) sum += each;
  const rightCount = Math.min(right.length, Math.max(0, sum));
  const low = 1 / (right.length - rightCount + 2);
  const high = (rightCount + 1) / (rightCount + 2);
  return right.map((each) => low + each * (high - low));
}
