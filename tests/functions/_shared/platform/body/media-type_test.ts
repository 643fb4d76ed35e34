import assert from "node:assert/strict";
import { readMediaType } from "../../../../../supabase/functions/_shared/platform/body/media-type.ts";

Deno.test("readMediaType() leaves out parameters, case and blanks", () => {
  const cases: [string | null, string][] = [
    [null, ""],
    ["", ""],
    ["application/json", "application/json"],
    [" Application/JSON ; charset=utf-8", "application/json"],
    ["multipart/form-data; boundary=;x", "multipart/form-data"],
  ];
  for (const [contentType, expected] of cases) {
    assert.equal(readMediaType(contentType), expected);
  }
});
