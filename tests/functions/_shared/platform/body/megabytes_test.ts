import assert from "node:assert/strict";
import { toMegabytes } from "../../../../../supabase/functions/_shared/platform/body/megabytes.ts";

Deno.test("toMegabytes() says a size as people do", () => {
  const MEGABYTE = 1024 * 1024;
  for (
    const [byteCount, text] of [
      [6 * MEGABYTE, "6 MB"],
      [1.5 * MEGABYTE, "1.5 MB"],
      [0.4 * MEGABYTE, "0.4 MB"],
      [8.97 * MEGABYTE, "9 MB"],
      [20 * MEGABYTE, "20 MB"],
      [1_024, "0.001 MB"],
      [1, "0 MB"],
      [0, "0 MB"],
    ] as const
  ) assert.equal(toMegabytes(byteCount), text);
});
