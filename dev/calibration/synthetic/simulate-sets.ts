import {
  FAMILIES,
  toCandidates,
} from "../../../supabase/functions/semantic-analysis/calibration/candidates.ts";
import { createRandom, drawNormal } from "../../random.ts";
import {
  roundProbability,
  toProbability,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { fitConformalSet, type ToldPicture } from "../promise/conformal-set.ts";

/** Conformal sets from many sets of labels. */
export interface SimulatedSets {
  /** Share of sets of labels from which something is promised. */
  promised: number;
  /** Of shown sets, those that hold the right family. */
  coverage: number;
  /** Families of a shown set, in the mean. */
  meanSize: number;
}

/** Alternatives of a picture. */
const TOLD = 5;

const PROBES = 200;

/**
 * Fits a conformal set to each of `sets` sets of labels, and shows it on 200 pictures more.
 *
 * @param labels of a set, each a picture with five alternatives
 * @param holding the share of pictures whose alternatives hold the right family
 * @param belief how much of a probability's distance from one half is true: 1 is all of it
 */
export function simulateSets(
  { labels, sets, holding = 0.98, belief = 1 }: {
    labels: number;
    sets: number;
    holding?: number;
    belief?: number;
  },
): SimulatedSets {
  let [promised, covered, size, shown] = [0, 0, 0, 0];
  for (let set = 0; set < sets; set++) {
    const random = createRandom(set * 7919 + labels);
    const draw = () => drawPicture(random, holding, belief);
    const conformal = fitConformalSet(Array.from({ length: labels }, draw));
    if (conformal === null) continue;
    promised++;
    for (let probe = 0; probe < PROBES; probe++) {
      const { told, family } = draw();
      const candidates = toCandidates(told, conformal);
      if (candidates === null) continue;
      shown++;
      size += candidates.length;
      if (candidates.some((candidate) => candidate.family === family)) covered++;
    }
  }
  return { promised: promised / sets, coverage: covered / shown, meanSize: size / shown };
}

/** Each alternative has a part of what those before it left; the last told one nearly all of it. */
function drawPicture(random: () => number, holding: number, belief: number): ToldPicture {
  const first = Math.floor(random() * FAMILIES.length);
  const toFamily = (rank: number) => FAMILIES[(first + rank) % FAMILIES.length]!;
  const told: ToldPicture["told"] = {};
  let family: ToldPicture["family"] | null = random() < holding ? null : toFamily(TOLD);
  let left = 1;
  for (let rank = 0; rank < TOLD; rank++) {
    const share = rank === 0 ? toProbability(2.5 + 1.5 * drawNormal(random)) : 0.6;
    told[toFamily(rank)] = roundProbability(left * share);
    left *= 1 - share;
    const trueShare = rank === TOLD - 1 ? 1 : 0.5 + belief * (share - 0.5);
    if (family === null && random() < trueShare) family = toFamily(rank);
  }
  return { told, family: family! };
}
