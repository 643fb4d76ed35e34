/** A material of a kind, drawn from a seed, and the pictures that might be taken of it. */
import sharp from "sharp";
import type { Labels } from "../../evaluation/answers/answer-line.ts";
import { createRandom } from "../../random.ts";
import { rasterize, shade, type Texture } from "../raster.ts";
import { brick } from "../textures/brick.ts";
import { brushedMetal } from "../textures/brushed-metal.ts";
import { granite } from "../textures/granite.ts";
import { marble } from "../textures/marble.ts";
import { wood } from "../textures/wood.ts";
import { wovenCloth } from "../textures/woven-cloth.ts";

/** A texture whose noise comes from a seed. */
type SeededTexture = (x: number, y: number, seed: number) => ReturnType<Texture>;

/** What is drawn, and what is true of it. */
const KINDS: { name: string; texture: SeededTexture; labels: Labels }[] = [
  { name: "wood", texture: wood, labels: { family: "wood", pattern: "grain" } },
  {
    name: "marble",
    texture: marble,
    labels: { family: "stone", type: "marble", pattern: "veined", finish: "polished" },
  },
  {
    name: "granite",
    texture: granite,
    labels: { family: "stone", type: "granite", pattern: "speckled", finish: "polished" },
  },
  { name: "brick", texture: brick, labels: { family: "brick", pattern: "bond" } },
  {
    name: "woven-cloth",
    texture: wovenCloth,
    labels: { family: "textile", pattern: "weave", texture: "woven" },
  },
  { name: "brushed-metal", texture: brushedMetal, labels: { family: "metal", finish: "brushed" } },
];

/** Edge of the whole, in pixels. */
const EDGE = 224;

/** Seeds of two sources are so far apart that they share no layer of noise. */
const SEED_STRIDE = 10_007;

/** The pictures of one source, all with the same labels. */
export interface DrawnSource {
  /** Such as `wood-0007`. */
  source: string;
  labels: Labels;
  pictures: { name: string; bytes: Uint8Array }[];
}

/**
 * Draws a source by its number: kinds take turns, and each has its own noise, scale and tint. Its first
 * picture is all of it; each other one is a part, nearer, in another light and of another size.
 *
 * @param views pictures of it, at least one
 */
export async function drawSource(
  number: number,
  { seed, views }: { seed: number; views: number },
): Promise<DrawnSource> {
  const { name, texture, labels } = KINDS[number % KINDS.length]!;
  const random = createRandom(seed * 1_000_003 + number);
  const between = (low: number, high: number) => low + (high - low) * random();
  const noise = SEED_STRIDE * (1 + number + seed * 100_000);
  const scale = between(1.2, 2.6);
  const tint = [between(0.85, 1.12), between(0.88, 1.08), between(0.8, 1.1)];
  const pixels = rasterize(
    (x, y) => {
      const [red, green, blue] = texture(x * scale, y * scale, noise);
      return shade([red * tint[0]!, green * tint[1]!, blue * tint[2]!], 1);
    },
    EDGE,
    1,
  );
  const raw = { width: EDGE, height: EDGE, channels: 3 } as const;
  const source = `${name}-${String(number).padStart(4, "0")}`;
  const pictures: DrawnSource["pictures"] = [];
  for (let view = 0; view < views; view++) {
    const edge = view === 0 ? EDGE : Math.round(EDGE * between(0.55, 0.85));
    const left = Math.floor(random() * (EDGE - edge + 1));
    const top = Math.floor(random() * (EDGE - edge + 1));
    const size = view === 0 ? EDGE : Math.round(between(200, 320));
    const light = view === 0 ? 1 : between(0.65, 1.3);
    const encoded = await sharp(pixels, { raw }).extract({ left, top, width: edge, height: edge })
      .resize(size, size).linear(light, 0).jpeg({ quality: 82 }).toBuffer();
    pictures.push({ name: `${source}-${view + 1}.jpg`, bytes: new Uint8Array(encoded) });
  }
  return { source, labels, pictures };
}
