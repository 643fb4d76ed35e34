import assert from "node:assert/strict";
import { createByteSemaphore } from "../../../../../supabase/functions/_shared/platform/body/byte-semaphore.ts";
import type { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { assertRejected } from "../../../../support/api-errors.ts";
import { open, openWhole, settle, setUp } from "./held-bodies.ts";

Deno.test("byte semaphore: bytes are taken as they arrive and given back at the end", async () => {
  const { bytes } = setUp();
  const result = await bytes.hold((allocation) => {
    allocation.expect(80);
    assert.equal(bytes.heldBytes(), 0);
    assert.equal(allocation.take(30), undefined);
    assert.equal(allocation.take(30), undefined);
    assert.equal(bytes.heldBytes(), 60);
    return Promise.resolve("done");
  });
  assert.equal(result, "done");
  assert.equal(bytes.heldBytes(), 0);
});

Deno.test("byte semaphore: bytes are given back when the work fails, in whatever way", async () => {
  const { bytes } = setUp();
  const failures = [
    () => Promise.reject(new Error("later")),
    () => {
      throw new Error("at once");
    },
    () => Promise.reject(undefined),
  ];
  for (const fail of failures) {
    await bytes.hold((allocation) => {
      allocation.take(100);
      return fail();
    }).then(() => assert.fail("was taken"), () => {});
    assert.equal(bytes.heldBytes(), 0);
  }
});

Deno.test("byte semaphore: a body that finds no room waits, and goes on when there is some", async () => {
  const { bytes } = setUp();
  const first = await openWhole(bytes, 80);
  const second = open(bytes, 90);
  const waiting = second.allocation.take(90);
  assert.ok(waiting);
  first.end();
  await waiting;
  assert.equal(bytes.heldBytes(), 90);
});

Deno.test("byte semaphore: a body that has waited 300 ms gets OVERLOADED and Retry-After", async () => {
  const { bytes, clock } = setUp();
  await openWhole(bytes, 80);
  const startedAt = clock.now();
  const { allocation } = open(bytes, 30);
  const error = await assertRejected(clock.run(allocation.take(30)!), "OVERLOADED");
  assert.equal(clock.now() - startedAt, 300);
  assert.equal(error.status, 503);
  assert.equal(error.headers["Retry-After"], "1");
  assert.equal(bytes.heldBytes(), 80);
});

Deno.test("byte semaphore: of bodies that arrive at the same time the oldest are finished", async () => {
  const { bytes, clock } = setUp({ maxBytes: 20_000_000 });
  const outcomes = Array.from({ length: 10 }, async () => {
    const { allocation, end } = open(bytes, 6_000_000);
    try {
      for (let step = 0; step < 60; step++) {
        await allocation.take(100_000);
        await clock.sleep(5);
      }
      allocation.complete();
      return "arrived";
    } catch (error) {
      end();
      return (error as ApiError).code;
    }
  });
  const results = await clock.run(Promise.all(outcomes));
  assert.deepEqual(results, [
    ...Array.from({ length: 3 }, () => "arrived"),
    ...Array.from({ length: 7 }, () => "OVERLOADED"),
  ]);
});

Deno.test("byte semaphore: a small body doesn't overtake a large one that waits", async () => {
  const { bytes } = setUp();
  const first = await openWhole(bytes, 80);
  const large = open(bytes, 90);
  const small = open(bytes, 10);
  const [largeWaits, smallWaits] = [large.allocation.take(90), small.allocation.take(10)];
  assert.ok(largeWaits && smallWaits);
  first.end();
  await Promise.all([largeWaits, smallWaits]);
  assert.equal(bytes.heldBytes(), 100);
});

Deno.test("byte semaphore: a body behind one that has given up goes on", async () => {
  const { bytes, clock } = setUp();
  await openWhole(bytes, 80);
  const large = open(bytes, 90);
  const refused = assertRejected(large.allocation.take(90)!, "OVERLOADED");
  await clock.run(clock.sleep(200));
  const small = open(bytes, 20);
  const waiting = small.allocation.take(20);
  assert.ok(waiting);
  await clock.run(Promise.all([refused, waiting]));
});

Deno.test("byte semaphore: silent bodies keep nothing from others, whatever they announce", async () => {
  const { bytes, clock } = setUp();
  for (let i = 0; i < 30; i++) {
    assert.equal(open(bytes, 100, `user:${i}`).allocation.take(1), undefined);
    // What a byte pays for is over at once.
    await clock.run(clock.sleep(1));
  }
  const { allocation } = open(bytes, 70, "user:honest");
  assert.equal(allocation.take(35), undefined);
  assert.equal(allocation.take(35), undefined);
});

Deno.test("byte semaphore: bodies that have become slow are ended once another one waits", async () => {
  const { bytes, clock } = setUp({ maxBytes: 130_000 });
  const silent = open(bytes, 50_000, "user:silent");
  const dripping = open(bytes, 50_000, "user:dripping");
  const steady = open(bytes, 100_000, "user:steady");
  silent.allocation.take(45_000);
  dripping.allocation.take(20_000);
  for (let second = 0; second < 6; second++) {
    dripping.allocation.take(1);
    steady.allocation.take(8_192);
    await clock.run(clock.sleep(1_000));
  }
  assert.ok(![silent, dripping, steady].some(({ allocation }) => allocation.signal.aborted));
  const { allocation } = open(bytes, 40_000);
  silent.allocation.signal.addEventListener("abort", () => silent.end());
  dripping.allocation.signal.addEventListener("abort", () => dripping.end());
  await clock.run(allocation.take(40_000) ?? assert.fail("did not wait"));
  assert.ok(silent.allocation.signal.aborted && dripping.allocation.signal.aborted);
  assert.ok(!steady.allocation.signal.aborted);
});

Deno.test("byte semaphore: a body is not ended for the time that it waits for room", async () => {
  const { bytes, clock } = setUp({ maxWaitMs: 20_000 });
  const first = await openWhole(bytes, 100);
  const second = open(bytes, 50);
  const waiting = second.allocation.take(50)!;
  await clock.run(clock.sleep(10_000));
  const third = open(bytes, 10).allocation.take(10);
  assert.ok(third);
  assert.ok(!second.allocation.signal.aborted);
  first.end();
  await clock.run(Promise.all([waiting, third]));
});

Deno.test("byte semaphore: one owner never takes the room of all others, nor holds them up", async () => {
  const { bytes, clock } = setUp({ maxBytes: 90, maxBytesPerOwner: 60 });
  const slow = [
    await openWhole(bytes, 30, "user:slow"),
    await openWhole(bytes, 30, "user:slow"),
  ];
  const third = open(bytes, 30, "user:slow");
  const refused = assertRejected(third.allocation.take(30)!, "OVERLOADED");
  assert.equal(open(bytes, 30, "user:other").allocation.take(30), undefined);
  await clock.run(refused);
  slow[0]!.end();
  await settle();
  // As much as an owner may have, at the most.
  const again = open(bytes, 500, "user:slow");
  const waiting = again.allocation.take(500);
  assert.ok(waiting);
  slow[1]!.end();
  await waiting;
  assert.equal(bytes.heldBytes(), 90);
});

Deno.test("byte semaphore: a body larger than all there is, is taken alone", async () => {
  const { bytes } = setUp();
  for (const byteCount of [101, 1e12, Infinity]) {
    await bytes.hold(async (allocation) => {
      allocation.expect(byteCount);
      await allocation.take(byteCount);
      await allocation.take(5);
      assert.equal(bytes.heldBytes(), 100);
    });
    assert.equal(bytes.heldBytes(), 0);
  }
});

Deno.test("byte semaphore: no timer is left behind for a body that goes on", async () => {
  const { bytes, clock } = setUp();
  const first = await openWhole(bytes, 80);
  const waiting = open(bytes, 80).allocation.take(80);
  assert.equal(clock.pendingTimers(), 1);
  first.end();
  await waiting;
  assert.equal(clock.pendingTimers(), 0);
});

Deno.test("byte semaphore: bytes are counted once when the clock fails", async () => {
  const { bytes } = setUp({ pause: () => Promise.reject(new Error("no clock")), maxWaitMs: 0 });
  const first = await openWhole(bytes, 80);
  await assertRejected(open(bytes, 80).allocation.take(80)!, "OVERLOADED");
  first.end();
  await first.held;
  assert.equal(bytes.heldBytes(), 0);
});

Deno.test("keepUntil() holds the bytes beyond the work, until all of it has settled", async () => {
  const { bytes } = setUp();
  const [answer, log] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const result = await bytes.hold((allocation) => {
    allocation.take(60);
    allocation.keepUntil(answer.promise);
    allocation.keepUntil(log.promise);
    return Promise.resolve("streaming");
  });
  assert.equal(result, "streaming");
  assert.equal(bytes.heldBytes(), 60);
  answer.reject(new Error("cut"));
  await settle();
  assert.equal(bytes.heldBytes(), 60);
  log.resolve();
  await settle();
  assert.equal(bytes.heldBytes(), 0);
});

Deno.test("own() frees memory at the end, before its bytes are another body's", async () => {
  const { bytes } = setUp();
  const memory = new Uint8Array(100_000);
  const log = Promise.withResolvers<void>();
  const first = bytes.hold((allocation) => {
    allocation.take(100);
    allocation.own(memory.subarray(10));
    allocation.keepUntil(log.promise);
    return Promise.reject(new Error("failed"));
  });
  await assert.rejects(first, { message: "failed" });
  const second = open(bytes, 100);
  const waiting = second.allocation.take(100)!;
  await settle();
  assert.equal(memory.byteLength, 100_000);
  log.resolve();
  await waiting;
  assert.equal(memory.byteLength, 0);
});

Deno.test("createByteSemaphore() refuses a bound that is none", () => {
  for (const maxBytes of [0, -1, NaN]) {
    assert.throws(() => createByteSemaphore({ maxBytes }), RangeError);
  }
});
