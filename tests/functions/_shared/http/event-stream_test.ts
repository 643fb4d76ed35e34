import assert from "node:assert/strict";
import { createEventStream } from "../../../../supabase/functions/_shared/http/event-stream.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

Deno.test("createEventStream() sends events as the specification has them", async () => {
  const clock = createFakeClock();
  const events = createEventStream({ sleep: clock.sleep });
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

Deno.test("createEventStream() breaks a silence with a comment, and only a silence", async () => {
  const clock = createFakeClock();
  const events = createEventStream({ heartbeatMs: 10_000, sleep: clock.sleep });
  const reading = events.response.text();
  await clock.run(clock.sleep(15_000));
  events.send("delta", {});
  await clock.run(clock.sleep(10_000));
  events.close();
  const text = await reading;
  assert.equal(text.match(/: heartbeat/g)?.length, 1);
});

Deno.test("createEventStream() tells when the client has gone, and then sends nothing", async () => {
  const clock = createFakeClock();
  const events = createEventStream({ sleep: clock.sleep });
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
  const events = createEventStream({ sleep: clock.sleep });
  events.close();
  events.send("late", {});
  assert.equal(events.signal.aborted, false);
});
