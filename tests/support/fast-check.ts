/**
 * fast-check with one seed for all property tests: a commit passes or fails, whenever they are run.
 * The variable `PROPERTY_SEED` is another seed, a number or `random`. A failure prints its seed.
 */
import { configureGlobal } from "fast-check";

export * from "fast-check";
export { default } from "fast-check";

const DEFAULT_SEED = 20_261_126;

configureGlobal({ seed: parsePropertySeed(Deno.env.get("PROPERTY_SEED")) });

/**
 * The seed that the text asks for; the default where there is none.
 * @throws {RangeError} Neither `random` nor an integer of 32 bits.
 */
export function parsePropertySeed(text: string | undefined, random = Math.random): number {
  if (text === undefined || text === "") return DEFAULT_SEED;
  const seed = text === "random" ? Math.floor(random() * 2 ** 32) | 0 : Number(text);
  if (seed !== (seed | 0)) {
    throw new RangeError(
      `PROPERTY_SEED must be "random" or a whole number of 32 bits, got "${text}"`,
    );
  }
  return seed;
}
