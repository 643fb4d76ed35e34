import assert from "node:assert/strict";
import { readSmallObject } from "../../../../../supabase/functions/_shared/platform/body/read-json.ts";
import { assertRejected } from "../../../../support/api-errors.ts";

const post = (body: BodyInit | null) =>
  new Request("https://example.com/", { method: "POST", body });

Deno.test("readSmallObject() takes an object, and none for an empty one", async () => {
  assert.deepEqual(await readSmallObject(post('{"limit":5}')), { limit: 5 });
  assert.deepEqual(await readSmallObject(post(null)), {});
  assert.deepEqual(await readSmallObject(post("")), {});
});

Deno.test("readSmallObject() refuses what is no object, or over 64 KiB", async () => {
  for (const body of ["[]", "null", "1", "{", "\xff", "   "]) {
    await assertRejected(readSmallObject(post(body)), "INVALID_REQUEST");
  }
  const most = `{"x":"${"x".repeat(64 * 1024 - 8)}"}`;
  assert.equal(most.length, 64 * 1024);
  assert.equal(Object.keys(await readSmallObject(post(most))).length, 1);
  for (const body of [`${most} `, "x".repeat(1_000_000)]) {
    const { status } = await assertRejected(readSmallObject(post(body)), "BODY_TOO_LARGE");
    assert.equal(status, 413);
  }
});

Deno.test("readSmallObject() refuses what is nested too deep to be written again", async () => {
  const nest = (depth: number) => `{"x":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
  const read = await readSmallObject(post(nest(1_000)));
  assert.equal(JSON.stringify(read), nest(1_000));
  for (const depth of [1_001, 6_000, 32_000]) {
    const { details } = await assertRejected(readSmallObject(post(nest(depth))), "INVALID_REQUEST");
    assert.deepEqual(details, { body: "must not be nested deeper than 1000" });
  }
});
