import assert from "node:assert/strict";
import { toMidnightWaitMs } from "../../../../dev/stack/testing/midnight.ts";

Deno.test("toMidnightWaitMs() waits for the next day in the last two minutes of one, and else not", () => {
  const wait = (time: string) => toMidnightWaitMs(Date.parse(time));
  assert.equal(wait("2026-11-30T00:00:00.000Z"), 0);
  assert.equal(wait("2026-11-30T12:00:00.000Z"), 0);
  assert.equal(wait("2026-11-30T23:58:00.000Z"), 0);
  assert.equal(wait("2026-11-30T23:58:00.001Z"), 119_999);
  assert.equal(wait("2026-11-30T23:59:59.999Z"), 1);
});
