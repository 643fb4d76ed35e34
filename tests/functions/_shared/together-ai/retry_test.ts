import assert from "node:assert/strict";
import {
  parseRetryAfterMs,
  toBackoffMs,
} from "../../../../supabase/functions/_shared/together-ai/retry.ts";
import fc from "../../../support/fast-check.ts";

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

const parse = (headers: Record<string, string>) => parseRetryAfterMs(new Headers(headers), NOW);

Deno.test("toBackoffMs() draws from zero up to a range that doubles, then stays", () => {
  assert.equal(toBackoffMs(0, () => 0), 0);
  const longest = [0, 1, 2, 3, 4, 5, 50].map((retry) => toBackoffMs(retry, () => 1));
  assert.deepEqual(longest, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

Deno.test("parseRetryAfterMs() reads seconds, whole or not", () => {
  assert.equal(parse({ "x-ratelimit-reset": "2" }), 2_000);
  assert.equal(parse({ "x-ratelimit-reset": "0.25" }), 250);
  assert.equal(parse({ "retry-after": "7" }), 7_000);
});

Deno.test("parseRetryAfterMs() takes 0 for nothing said, and more than a minute for a minute", () => {
  assert.equal(parse({ "retry-after": "0" }), undefined);
  assert.equal(parse({ "x-ratelimit-reset": "0", "retry-after": "5" }), 5_000);
  assert.equal(parse({ "x-ratelimit-reset": "86400" }), 60_000);
  assert.equal(parse({ "x-ratelimit-reset": "9".repeat(400) }), 60_000);
  assert.equal(parse({ "retry-after": "Tue, 24 Nov 2026 12:00:00 GMT" }), 60_000);
});

Deno.test("parseRetryAfterMs() reads an HTTP date, and ignores one in the past", () => {
  assert.equal(parse({ "retry-after": "Mon, 23 Nov 2026 12:00:05 GMT" }), 5_000);
  assert.equal(parse({ "retry-after": "Mon, 23 Nov 2026 11:59:55 GMT" }), undefined);
});

Deno.test("parseRetryAfterMs() takes seconds and milliseconds of the epoch for a moment", () => {
  assert.equal(parse({ "x-ratelimit-reset": String(NOW + 2_500) }), 2_500);
  assert.equal(parse({ "x-ratelimit-reset": String(NOW / 1_000 + 3) }), 3_000);
  assert.equal(parse({ "x-ratelimit-reset": String(NOW - 1) }), undefined);
});

Deno.test("parseRetryAfterMs() believes x-ratelimit-reset before Retry-After", () => {
  assert.equal(parse({ "x-ratelimit-reset": "1", "retry-after": "60" }), 1_000);
  assert.equal(parse({ "x-ratelimit-reset": "soon", "retry-after": "60" }), 60_000);
});

Deno.test("parseRetryAfterMs() is undefined or up to a minute for any text", () => {
  const headerText = fc.string({ unit: "grapheme-ascii" });
  fc.assert(fc.property(headerText, headerText, (reset, after) => {
    const ms = parse({ "x-ratelimit-reset": reset, "retry-after": after });
    assert.ok(ms === undefined || (ms > 0 && ms <= 60_000), String(ms));
  }));
});
