import assert from "node:assert/strict";
import {
  isDeeperThan,
  parseJson,
} from "../../../../supabase/functions/_shared/platform/parse-json.ts";

Deno.test("parseJson() tells null from what is no JSON", () => {
  assert.equal(parseJson("null"), null);
  assert.deepEqual(parseJson('{"a":[1]}'), { a: [1] });
  for (const text of ["", "{", "undefined", "{'a':1}"]) assert.equal(parseJson(text), undefined);
});

Deno.test("isDeeperThan() counts arrays and objects alike, wherever they are, and the depth of what has none", () => {
  for (
    const [value, depth] of [[1, 0], [null, 0], ["[[", 0], [[], 1], [{}, 1], [[1, { a: [] }], 3]]
  ) {
    assert.equal(isDeeperThan(value, depth as number), false);
    assert.equal(isDeeperThan(value, depth as number - 1), (depth as number) > 0);
  }
  const nested = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
  assert.equal(isDeeperThan(nested, 49_999), true);
  assert.equal(isDeeperThan(nested, 50_000), false);
});
