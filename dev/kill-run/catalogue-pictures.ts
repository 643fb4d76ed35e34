/** Pictures of a catalogue that is analysed while its workers are killed. */
import { createHash } from "node:crypto";
import sharp from "sharp";

/** A picture of one material. */
export interface CataloguePicture {
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
  sha256: string;
  kind: "good" | "duplicate" | "bad" | "failing_first" | "deadly";
}

/** How many of each kind. */
export interface PictureCounts {
  good: number;
  /** Of good ones' bytes, under other paths. */
  duplicates: number;
  /** No pictures at all. */
  bad: number;
  /** Good ones that make the provider fail at first. */
  failingFirst: number;
  /** Good ones that end the worker that analyses them. */
  deadly: number;
}

/** Makes them, always the same. */
export async function makePictures(counts: PictureCounts): Promise<CataloguePicture[]> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const toPicture = (kind: CataloguePicture["kind"], index: number, bytes: Uint8Array) => ({
    path: `${kind}/${index}.png`,
    bytes: new Uint8Array(bytes),
    sha256: createHash("sha256").update(bytes).digest("hex"),
    kind,
  });
  const many = <Item>(count: number, make: (index: number) => Promise<Item>) =>
    Promise.all(Array.from({ length: count }, (_, index) => make(index)));
  const groups = await Promise.all([
    many(counts.good, async (index) => toPicture("good", index, await makePicture(index))),
    many(
      counts.failingFirst,
      async (index) => toPicture("failing_first", index, await makePicture(counts.good + index)),
    ),
    many(
      counts.deadly,
      async (index) =>
        toPicture("deadly", index, await makePicture(counts.good + counts.failingFirst + index)),
    ),
    many(
      counts.duplicates,
      async (index) => toPicture("duplicate", index, await makePicture(index % counts.good)),
    ),
    many(
      counts.bad,
      (index) => Promise.resolve(toPicture("bad", index, encode(`no picture ${index}`))),
    ),
  ]);
  return groups.flat();
}

/** A picture in one colour, another one for each number, with nothing in it that is not seen. */
export async function makePicture(number: number): Promise<Uint8Array> {
  const background = { r: number & 255, g: number >> 8 & 255, b: number >> 16 & 255 };
  return await sharp({ create: { width: 8, height: 8, channels: 3, background } }).png().toBuffer();
}
