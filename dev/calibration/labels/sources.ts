/**
 * Pictures of one source (crops of it, other light, another scale) are no independent evidence. So
 * folds go by source, and where a test wants independent labels one of each source is drawn by lot.
 *
 * The lot keeps an exact test exact whatever the labels of a source have to do with each other:
 * Dunn, Wasserman & Ramdas, "Distribution-free prediction sets for two-layer hierarchical models",
 * JASA 118 (2023), §3.2 ("subsampling once").
 */

/** The fold, from 0, of each label: whole sources, folds of about equal size, drawn by lot. */
export function toFolds(source: Int32Array, folds: number, random: () => number): Uint8Array {
  const sizes = new Map<number, number>();
  for (const each of source) sizes.set(each, (sizes.get(each) ?? 0) + 1);
  const order = shuffle([...sizes.keys()], random).sort((a, b) => sizes.get(b)! - sizes.get(a)!);
  const filled = new Array<number>(folds).fill(0);
  const foldOf = new Map<number, number>();
  for (const each of order) {
    const fold = filled.indexOf(Math.min(...filled));
    filled[fold]! += sizes.get(each)!;
    foldOf.set(each, fold);
  }
  return Uint8Array.from(source, (each) => foldOf.get(each)!);
}

/** Places of one label of each source, each of its labels as likely as the others; in rising order. */
export function drawOneOfEachSource(source: Int32Array, random: () => number): Int32Array {
  const drawn = new Map<number, { place: number; seen: number }>();
  source.forEach((each, place) => {
    const current = drawn.get(each);
    if (!current) drawn.set(each, { place, seen: 1 });
    else if (random() * ++current.seen < 1) current.place = place;
  });
  return Int32Array.from(drawn.values(), ({ place }) => place).sort();
}

function shuffle<Item>(items: Item[], random: () => number): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
