/** Pictures of a catalogue that is analysed while its workers are killed. */
import { createHash } from "node:crypto";
import sharp from "sharp";

/** A picture of one material. */
export interface CataloguePicture {
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
  sha256: string;
  kind: "good" | "duplicate" | "bad" | "failing_first";
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
}

/** Makes them, always the same. */
export async function makePictures(counts: PictureCounts): Promise<CataloguePicture[]> {
  const jpeg = new Uint8Array(
    await sharp({
      create: { width: 64, height: 64, channels: 3, background: { r: 140, g: 100, b: 60 } },
    }).jpeg().toBuffer(),
  );
  const encode = (text: string) => new TextEncoder().encode(text);
  const toPicture = (kind: CataloguePicture["kind"], index: number, bytes: Uint8Array) => ({
    path: `${kind}/${index}.jpg`,
    bytes: new Uint8Array(bytes),
    sha256: createHash("sha256").update(bytes).digest("hex"),
    kind,
  });
  // What follows the end of a JPEG makes it another picture and changes nothing that is seen.
  const distinct = (name: string) => new Uint8Array([...jpeg, ...encode(name)]);
  const many = <Item>(count: number, make: (index: number) => Item) =>
    Array.from({ length: count }, (_, index) => make(index));
  return [
    ...many(counts.good, (index) => toPicture("good", index, distinct(`good ${index}`))),
    ...many(
      counts.failingFirst,
      (index) => toPicture("failing_first", index, distinct(`failing ${index}`)),
    ),
    ...many(
      counts.duplicates,
      (index) => toPicture("duplicate", index, distinct(`good ${index % counts.good}`)),
    ),
    ...many(counts.bad, (index) => toPicture("bad", index, encode(`no picture ${index}`))),
  ];
}
