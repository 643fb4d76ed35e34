import assert from "node:assert/strict";
import { createGrowingText } from "../../../../../supabase/functions/semantic-analysis/model/reading/clean-text.ts";

const LONG = "A plank of oiled white oak with a straight and open grain, seen from close by";

Deno.test("a growing text: a mark that may begin at the end of a long text is held back, and nothing before it", () => {
  const pieces: string[] = [];
  const text = createGrowingText({
    isSingleLine: true,
    maxLength: 600,
    show: (piece) => pieces.push(piece),
  });
  text.push(`${LONG} <`);
  assert.deepEqual(pieces, [LONG]);
  text.push("b> and dark");
  text.end();
  assert.ok(pieces.join("").startsWith(LONG));
  assert.equal(text.text(), pieces.join(""));
});
