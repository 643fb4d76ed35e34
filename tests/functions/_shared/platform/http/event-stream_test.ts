import assert from "node:assert/strict";
import { createEventStream } from "../../../../../supabase/functions/_shared/platform/http/event-stream.ts";
import { createFakeClock } from "../../../../support/fake-clock.ts";
import fc from "../../../../support/fast-check.ts";

Deno.test("createEventStream() sends events as the specification has them", async () => {
  const clock = createFakeClock();
  const events = createEventStream({ pause: clock.sleep });
  events.send("delta", { text: "a\nb\r\n\u2028" });
  events.send("result", { n: 1 });
  events.close();
  assert.equal(
    await events.response.text(),
    'event: delta\ndata: {"text":"a\\nb\\r\\n\u2028"}\n\nevent: result\ndata: {"n":1}\n\n',
  );
  assert.equal(events.response.headers.get("content-type"), "text/event-stream");
  assert.equal(clock.pendingTimers(), 0);
});

/** A stream with events at these times, in milliseconds, and the times at which anything came. */
async function timesOf(sendAtMs: readonly number[], endAtMs: number) {
  const clock = createFakeClock();
  const startedAtMs = clock.now();
  const events = createEventStream({ pause: clock.sleep, now: clock.now });
  const came: { atMs: number; text: string }[] = [];
  const reading = (async () => {
    for await (const bytes of events.response.body!) {
      came.push({ atMs: clock.now() - startedAtMs, text: new TextDecoder().decode(bytes) });
    }
  })();
  const sending = (async () => {
    for (const atMs of [...sendAtMs, endAtMs]) {
      await clock.sleep(startedAtMs + atMs - clock.now());
      if (atMs < endAtMs) events.send("delta", {});
    }
    events.close();
    await reading;
  })();
  await clock.run(sending);
  assert.equal(clock.pendingTimers(), 0);
  return came;
}

Deno.test("createEventStream() breaks a silence with a comment, and only a silence", async () => {
  const came = await timesOf([9_000, 18_000, 27_000], 40_000);
  assert.deepEqual(came.map(({ atMs }) => atMs), [9_000, 18_000, 27_000, 37_000]);
  assert.equal(came.at(-1)!.text, ": heartbeat\n\n");
});

Deno.test("createEventStream() is never silent for 15 s, whenever it sends", async () => {
  const gaps = fc.array(fc.nat({ max: 40_000 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(gaps, async (gaps) => {
      let atMs = 0;
      const sendAtMs = gaps.map((gap) => atMs += gap);
      const endAtMs = atMs + 40_000;
      const came = await timesOf(sendAtMs, endAtMs);
      const times = [0, ...came.map(({ atMs }) => atMs), endAtMs];
      const silences = times.slice(1).map((at, i) => at - times[i]!);
      assert.ok(Math.max(...silences) < 15_000, String(silences));
    }),
    // The clock turns the event loop again and again.
    { numRuns: 15 },
  );
});

Deno.test("createEventStream() tells when the client has gone, and then sends nothing", async () => {
  const clock = createFakeClock();
  const events = createEventStream({ pause: clock.sleep });
  const reader = events.response.body!.getReader();
  events.send("delta", {});
  await reader.read();
  assert.equal(events.signal.aborted, false);
  await reader.cancel();
  assert.equal(events.signal.aborted, true);
  events.send("delta", {});
  events.close();
  events.close();
  assert.equal(clock.pendingTimers(), 0);
});

Deno.test("createEventStream() does not say that the client has gone when it was closed", () => {
  const clock = createFakeClock();
  const events = createEventStream({ pause: clock.sleep });
  events.close();
  events.send("late", {});
  assert.equal(events.signal.aborted, false);
});
