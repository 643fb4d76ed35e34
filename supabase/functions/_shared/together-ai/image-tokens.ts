/** Edge of the tiles that a picture is billed by, in pixels. */
const TILE_EDGE = 560;

const TOKENS_PER_TILE = 1_601;

/** Beyond two tiles in a direction a picture is scaled down, so nothing is gained above this. */
export const USEFUL_EDGE = 2 * TILE_EDGE;

/** Tokens of the largest picture, and of one whose size isn't known. */
export const MAX_IMAGE_TOKENS = 4 * TOKENS_PER_TILE;

/**
 * Prompt tokens that Together bills for a picture of this size in pixels:
 * `min(2, max(floor(w / 560), 1)) * min(2, max(floor(h / 560), 1)) * 1601`.
 * https://docs.together.ai/docs/vision-overview#pricing
 */
export function countImageTokens(width: number, height: number): number {
  return countTiles(width) * countTiles(height) * TOKENS_PER_TILE;
}

function countTiles(edge: number): number {
  return Math.min(2, Math.max(Math.floor(edge / TILE_EDGE), 1));
}
