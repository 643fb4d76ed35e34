import assert from "node:assert/strict";
import { sleep, untilAborted } from "../../../../dev/together-stand-in/faults/sleep.ts";

Deno.test("sleep() ends by itself", async () => {
  await sleep(1, new AbortController().signal);
});

Deno.test("sleep() ends early, without an error or a timer left, when the signal aborts", async () => {
  const controller = new AbortController();
  const sleeping = sleep(3_600_000, controller.signal);
  controller.abort();
  await sleeping;
  await sleep(3_600_000, controller.signal);
});

Deno.test("untilAborted() ends with the signal, also with one that has aborted before", async () => {
  const controller = new AbortController();
  let isOver = false;
  const waiting = untilAborted(controller.signal).then(() => isOver = true);
  await Promise.resolve();
  assert.equal(isOver, false);
  controller.abort();
  await waiting;
  await untilAborted(controller.signal);
});
