import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type BytesInFlight,
  createBytesInFlight,
  type Room,
} from "../../../../../supabase/functions/_shared/platform/body/bytes-in-flight.ts";
import { assertRejected } from "../../../../support/api-errors.ts";
import { createFakeClock } from "../../../../support/fake-clock.ts";

function setUp(maxBytes = 100) {
  const clock = createFakeClock();
  return { clock, bytes: createBytesInFlight({ maxBytes, sleep: clock.sleep }) };
}

/** Holds room until told otherwise. */
function holdOpen(bytes: BytesInFlight, byteCount: number, owner?: string) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const state = { isIn: false, room: null as Room | null };
  const held = bytes.hold(byteCount, async (room) => {
    state.isIn = true;
    state.room = room;
    await promise;
  }, owner);
  held.catch(() => {});
  return { held, state, end: resolve, fail: reject };
}

/** Lets every promise go on that can. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("hold() lets in who fits, gives their result back and then the room", async () => {
  const { bytes } = setUp();
  const result = await bytes.hold(60, () => {
    assert.equal(bytes.heldBytes(), 60);
    return Promise.resolve("done");
  });
  assert.equal(result, "done");
  assert.equal(bytes.heldBytes(), 0);
});

Deno.test("hold() gives the room back when the work fails, in whatever way", async () => {
  const { bytes } = setUp();
  const failures = [
    () => Promise.reject(new Error("later")),
    () => {
      throw new Error("at once");
    },
    () => Promise.reject(undefined),
  ];
  for (const fail of failures) {
    await bytes.hold(100, fail).then(() => assert.fail("was taken"), () => {});
    assert.equal(bytes.heldBytes(), 0);
  }
});

Deno.test("hold() lets wait who doesn't fit, in the order of arrival", async () => {
  const { bytes } = setUp();
  const first = holdOpen(bytes, 80);
  const large = holdOpen(bytes, 90);
  const small = holdOpen(bytes, 10);
  await settle();
  assert.ok(first.state.isIn && !large.state.isIn);
  assert.ok(!small.state.isIn, "the small one overtook");
  first.end();
  await settle();
  assert.ok(large.state.isIn && small.state.isIn);
  assert.equal(bytes.heldBytes(), 100);
});

Deno.test("hold() refuses with OVERLOADED and Retry-After who has waited 300 ms", async () => {
  const { bytes, clock } = setUp();
  const first = holdOpen(bytes, 80);
  const startedAt = clock.now();
  let hasRun = false;
  const refused = bytes.hold(30, () => {
    hasRun = true;
    return Promise.resolve();
  });
  const error = await assertRejected(clock.run(refused), "OVERLOADED");
  assert.equal(clock.now() - startedAt, 300);
  assert.equal(error.status, 503);
  assert.equal(error.headers["Retry-After"], "1");
  assert.ok(!hasRun);
  first.end();
  await first.held;
  assert.equal(bytes.heldBytes(), 0);
});

Deno.test("hold() lets in who stood behind somebody that has given up", async () => {
  const { bytes, clock } = setUp();
  holdOpen(bytes, 80);
  const large = holdOpen(bytes, 90);
  const small = holdOpen(bytes, 20);
  await assertRejected(clock.run(large.held), "OVERLOADED");
  await settle();
  assert.ok(small.state.isIn);
});

Deno.test("hold() leaves no timer behind for who was let in", async () => {
  const { bytes, clock } = setUp();
  const first = holdOpen(bytes, 80);
  const second = holdOpen(bytes, 80);
  await settle();
  assert.equal(clock.pendingTimers(), 1);
  first.end();
  await settle();
  assert.ok(second.state.isIn);
  assert.equal(clock.pendingTimers(), 0);
});

Deno.test("hold() lets in alone what is larger than all there is, or has no sensible size", async () => {
  const { bytes } = setUp();
  for (const byteCount of [101, 1e12, Infinity, NaN, -1]) {
    await bytes.hold(byteCount, () => Promise.resolve(assert.equal(bytes.heldBytes(), 100)));
    assert.equal(bytes.heldBytes(), 0);
  }
});

Deno.test("hold() counts nobody twice whose clock fails", async () => {
  const bytes = createBytesInFlight({
    maxBytes: 100,
    sleep: () => {
      throw new Error("no clock");
    },
  });
  const first = holdOpen(bytes, 80);
  await assertRejected(bytes.hold(80, () => Promise.resolve()), "OVERLOADED");
  first.end();
  await first.held;
  assert.equal(bytes.heldBytes(), 0);
});

Deno.test("shrinkTo() gives back what isn't needed, once, and never takes more", async () => {
  const { bytes } = setUp();
  const first = holdOpen(bytes, 100);
  const second = holdOpen(bytes, 30);
  await settle();
  first.state.room!.shrinkTo(80);
  await settle();
  assert.ok(!second.state.isIn);
  for (const byteCount of [90, 80, -5, NaN, Infinity]) first.state.room!.shrinkTo(byteCount);
  assert.equal(bytes.heldBytes(), 80);
  first.state.room!.shrinkTo(70);
  await settle();
  assert.ok(second.state.isIn);
  first.end();
  second.end();
  await Promise.all([first.held, second.held]);
  first.state.room!.shrinkTo(0);
  assert.equal(bytes.heldBytes(), 0);
});

Deno.test("keepUntil() holds the room beyond the work, until all of it has settled", async () => {
  const { bytes } = setUp();
  const answer = Promise.withResolvers<void>();
  const log = Promise.withResolvers<void>();
  const result = await bytes.hold(60, (room) => {
    room.keepUntil(answer.promise);
    room.keepUntil(log.promise);
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

Deno.test("one owner never takes the room of all others, and holds nobody up by waiting", async () => {
  const clock = createFakeClock();
  const bytes = createBytesInFlight({ maxBytes: 90, maxBytesPerOwner: 60, sleep: clock.sleep });
  const slow = [30, 30, 30].map((byteCount) => holdOpen(bytes, byteCount, "user:slow"));
  const other = holdOpen(bytes, 30, "user:other");
  await settle();
  assert.deepEqual(slow.map(({ state }) => state.isIn), [true, true, false]);
  assert.ok(other.state.isIn);
  const rejected = assertRejected(slow[2]!.held, "OVERLOADED");
  await clock.run(rejected);
  slow[0]!.end();
  const again = holdOpen(bytes, 500, "user:slow");
  await settle();
  assert.ok(!again.state.isIn);
  slow[1]!.end();
  await settle();
  // As much as an owner may have, at the most.
  assert.ok(again.state.isIn);
  assert.equal(bytes.heldBytes(), 90);
  other.end();
  again.end();
  await Promise.all([other.held, again.held]);
  assert.equal(bytes.heldBytes(), 0);
});

Deno.test("atTheEnd() runs once the work and all that it left behind is done, before the next", async () => {
  const { bytes } = setUp();
  const order: string[] = [];
  const log = Promise.withResolvers<void>();
  const first = bytes.hold(100, (room) => {
    room.keepUntil(log.promise);
    room.atTheEnd(() => order.push("released"));
    return Promise.reject(new Error("failed"));
  });
  const second = bytes.hold(100, () => Promise.resolve(order.push("second is in")));
  await assert.rejects(first, { message: "failed" });
  assert.deepEqual(order, []);
  log.resolve();
  await second;
  assert.deepEqual(order, ["released", "second is in"]);
});

Deno.test("createBytesInFlight() refuses a bound that is none", () => {
  for (const maxBytes of [0, -1, NaN]) {
    assert.throws(() => createBytesInFlight({ maxBytes }), RangeError);
  }
});

Deno.test("whatever happens, the bound holds, everybody is answered, and nothing leaks", async () => {
  const guest = fc.record({
    byteCount: fc.integer({ min: 0, max: 150 }),
    arrivesAfterMs: fc.integer({ min: 0, max: 400 }),
    staysMs: fc.integer({ min: 0, max: 500 }),
    shrinksTo: fc.option(fc.integer({ min: -10, max: 150 })),
    fails: fc.boolean(),
    isKept: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(guest, { minLength: 1, maxLength: 12 }), async (guests) => {
      const { bytes, clock } = setUp();
      const arrivals: number[] = [];
      const admissions: number[] = [];
      const work = guests.map(async (guest, index) => {
        await clock.sleep(guest.arrivesAfterMs);
        const arrivedAt = clock.now();
        arrivals.push(index);
        let admittedAt = NaN;
        const outcome = await bytes.hold(guest.byteCount, async (room) => {
          admittedAt = clock.now();
          admissions.push(index);
          assert.ok(bytes.heldBytes() <= 100, `"${bytes.heldBytes()}" bytes are held`);
          if (guest.shrinksTo !== null) room.shrinkTo(guest.shrinksTo);
          if (guest.isKept) room.keepUntil(clock.sleep(guest.staysMs));
          else await clock.sleep(guest.staysMs);
          if (guest.fails) throw new Error("failed");
        }).then(() => "done", (error) => error.code ?? error.message);
        assert.ok(["done", "failed", "OVERLOADED"].includes(outcome), outcome);
        assert.equal(Number.isNaN(admittedAt), outcome === "OVERLOADED");
        const waitedMs = (Number.isNaN(admittedAt) ? clock.now() : admittedAt) - arrivedAt;
        assert.ok(waitedMs <= 300 || outcome !== "OVERLOADED", `waited "${waitedMs}" ms`);
      });
      await clock.run(Promise.all(work));
      await clock.run(clock.sleep(1_000));
      assert.equal(bytes.heldBytes(), 0);
      const inOrder = arrivals.filter((index) => admissions.includes(index));
      assert.deepEqual(admissions, inOrder);
    }),
    { numRuns: 40 },
  );
});
