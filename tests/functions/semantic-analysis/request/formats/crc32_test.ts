import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { toCrc32 } from "../../../../../supabase/functions/semantic-analysis/request/formats/crc32.ts";
import fc from "../../../../support/fast-check.ts";

Deno.test("toCrc32() agrees with zlib on any bytes with any number of zeros behind", () => {
  const zeroCount = fc.oneof(fc.nat(40), fc.constantFrom(65_535, 1_000_003));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), zeroCount, (bytes, zeroCount) => {
      const whole = new Uint8Array(bytes.length + zeroCount);
      whole.set(bytes);
      assert.equal(toCrc32(bytes, zeroCount), crc32(whole));
    }),
  );
});
