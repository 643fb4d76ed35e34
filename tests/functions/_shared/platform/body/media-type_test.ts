import assert from "node:assert/strict";
import {
  isJsonType,
  readMediaType,
  readMediaTypes,
} from "../../../../../supabase/functions/_shared/platform/body/media-type.ts";

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

Deno.test("readMediaTypes() tells each type of a header that was set twice once", () => {
  const cases: [string | null, string[]][] = [
    [null, [""]],
    ["application/json", ["application/json"]],
    ["application/json, application/json", ["application/json"]],
    ["application/octet-stream, image/jpeg", ["application/octet-stream", "image/jpeg"]],
    ["multipart/form-data, multipart/form-data; boundary=a", ["multipart/form-data"]],
    ['multipart/form-data; boundary="a,b"', ["multipart/form-data"]],
  ];
  for (const [type, expected] of cases) {
    const headers: HeadersInit = type === null ? {} : { "content-type": type };
    assert.deepEqual(readMediaTypes(new Request("https://example.com/", { headers })), expected);
  }
});

Deno.test("isJsonType() knows JSON by its other names, and nothing else", () => {
  for (const type of ["application/json", "text/json", "application/vnd.api+json"]) {
    assert.ok(isJsonType(type), type);
  }
  for (const type of ["", "json", "application/jsonp", "application/json5", "image/json"]) {
    assert.equal(isJsonType(type), false, type);
  }
});
