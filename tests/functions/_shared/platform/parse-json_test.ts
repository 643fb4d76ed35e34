import assert from "node:assert/strict";
import { parseJson } from "../../../../supabase/functions/_shared/platform/parse-json.ts";

Deno.test("parseJson() tells null from what is no JSON", () => {
  assert.equal(parseJson("null"), null);
  assert.deepEqual(parseJson('{"a":[1]}'), { a: [1] });
  for (const text of ["", "{", "undefined", "{'a':1}"]) assert.equal(parseJson(text), undefined);
});
