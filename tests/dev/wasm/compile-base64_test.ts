import assert from "node:assert/strict";
import { compileBase64, modulePath } from "../../../dev/wasm/compile-base64.ts";

Deno.test("the compiled base64 that is checked in belongs to its source", async () => {
  const isSame = await compileBase64() === await Deno.readTextFile(modulePath);
  assert.ok(isSame, "base64.wat has changed: run `deno task wasm`");
});
