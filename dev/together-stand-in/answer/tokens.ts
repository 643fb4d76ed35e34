/** Prompt tokens of one tile of a picture, as Together bills them. */
const TOKENS_PER_TILE = 1601;
const TILE_SIZE = 560;
const MAX_TILES_PER_EDGE = 2;
const CHARACTERS_PER_TOKEN = 4;

/** Prompt tokens of a picture by Together's published tile rule; sizes in pixels. */
export function countPictureTokens(width: number, height: number): number {
  return toTiles(width) * toTiles(height) * TOKENS_PER_TILE;
}

/** Prompt tokens of a text, by the usual estimate of four characters a token. */
export function estimateTextTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/**
 * Splits an answer into tokens: up to five letters with the space before them, numbers, single signs.
 *
 * Like a model's, they end in the middle of long words and of JSON escapes.
 */
export function tokenize(text: string): string[] {
  return text.match(/ ?\p{Letter}{1,5}| ?#?[0-9a-f]+|\s|\S/gu) ?? [];
}

function toTiles(edge: number): number {
  return Math.min(MAX_TILES_PER_EDGE, Math.max(Math.floor(edge / TILE_SIZE), 1));
}
