import { toNormalQuantile } from "../statistics/distributions.ts";

/** Of a two-sided test at 5 %. */
const Z_ALPHA = toNormalQuantile(0.975);

/** Of a power of 90 %. */
const Z_POWER = toNormalQuantile(0.9);

/** What a comparison had to go by. */
export interface ComparedCounts {
  pictures: number;
  /** Pictures on which one of the two is right and the other wrong. */
  discordant: number;
  /** Sum over the sources of their squared differences: `discordant` where each has one picture. */
  squaredDifferences: number;
  /** Pictures of a source, in the mean. */
  picturesPerSource: number;
}

/**
 * The smallest true difference of the shares of right answers that such a comparison finds in 90 of 100, as a
 * share: R. J. Connor, "Sample size for testing differences in proportions for the paired-sample design",
 * Biometrics 43 (1987), solved for the difference, with as many pictures as the clusters are worth. The two
 * can't disagree less than they differ. @returns 1 where even that could not be found
 */
export function findSmallestDifference(
  { pictures, discordant, squaredDifferences, picturesPerSource }: ComparedCounts,
): number {
  // A clustered picture is worth less; without a disagreement the clusters may be all alike.
  const inflation = discordant === 0
    ? picturesPerSource
    : Math.max(1, squaredDifferences / discordant);
  const effective = pictures / inflation;
  const isFound = (difference: number) => {
    const disagreement = Math.max(discordant / pictures, difference);
    const wanted = Z_ALPHA * Math.sqrt(disagreement) +
      Z_POWER * Math.sqrt(Math.max(0, disagreement - difference ** 2));
    return difference * Math.sqrt(effective) >= wanted;
  };
  if (!isFound(1)) return 1;
  let [low, high] = [0, 1];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (isFound(middle)) high = middle;
    else low = middle;
  }
  return high;
}
