import assert from "node:assert/strict";
import { createVerifiedTokens } from "../../../../../supabase/functions/_shared/platform/auth/verified-tokens.ts";

Deno.test("createVerifiedTokens() finds what was kept for exactly this token", () => {
  const tokens = createVerifiedTokens<string>(() => 0);
  tokens.keep("a.b.c", "Ada", 60);
  assert.equal(tokens.find("a.b.c"), "Ada");
  for (const token of ["", "a.b", "a.b.d", "a.b.c "]) assert.equal(tokens.find(token), undefined);
});

Deno.test("createVerifiedTokens() forgets a token in the second in which it expires", () => {
  let nowMs = 0;
  const tokens = createVerifiedTokens<string>(() => nowMs);
  tokens.keep("a.b.c", "Ada", 60);
  nowMs = 59_999;
  assert.equal(tokens.find("a.b.c"), "Ada");
  nowMs = 60_000;
  assert.equal(tokens.find("a.b.c"), undefined);
  nowMs = 0;
  assert.equal(tokens.find("a.b.c"), undefined);
});

Deno.test("createVerifiedTokens() keeps 500 and drops the oldest for the next", () => {
  const tokens = createVerifiedTokens<number>(() => 0);
  for (let index = 0; index < 502; index++) tokens.keep(`token ${index}`, index, 60);
  const found = [0, 1, 2, 3, 501].map((index) => tokens.find(`token ${index}`));
  assert.deepEqual(found, [undefined, undefined, 2, 3, 501]);
});

Deno.test("createVerifiedTokens() keeps none that is very long", () => {
  const tokens = createVerifiedTokens<string>(() => 0);
  const token = "x".repeat(8 * 1024 + 1);
  tokens.keep(token, "Ada", 60);
  assert.equal(tokens.find(token), undefined);
});
