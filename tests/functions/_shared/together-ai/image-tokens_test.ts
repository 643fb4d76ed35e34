import assert from "node:assert/strict";
import {
  countImageTokens,
  MAX_IMAGE_TOKENS,
} from "../../../../supabase/functions/_shared/together-ai/image-tokens.ts";

Deno.test("countImageTokens() bills one tile up to 1119 pixels, two from 1120, in each direction", () => {
  const cases: [number, number, number][] = [
    [1, 1, 1601],
    [559, 559, 1601],
    [560, 560, 1601],
    [1119, 1119, 1601],
    [1120, 1119, 3202],
    [1119, 1120, 3202],
    [1120, 1120, 6404],
    [20_000, 20_000, 6404],
    [20_000, 10, 3202],
  ];
  for (const [width, height, tokens] of cases) {
    assert.equal(countImageTokens(width, height), tokens, `${width} × ${height}`);
  }
  assert.equal(MAX_IMAGE_TOKENS, 6404);
});
