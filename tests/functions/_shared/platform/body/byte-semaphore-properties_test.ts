import assert from "node:assert/strict";
import fc from "../../../../support/fast-check.ts";
import { setUp } from "./held-bodies.ts";

Deno.test("byte semaphore: whatever happens, both bounds hold, all are answered, nothing leaks", async () => {
  const guest = fc.record({
    owner: fc.constantFrom("user:a", "user:b", undefined),
    pieces: fc.array(
      fc.record({ byteCount: fc.integer({ min: 0, max: 60 }), afterMs: fc.nat({ max: 200 }) }),
      { maxLength: 5 },
    ),
    announced: fc.integer({ min: 0, max: 200 }),
    arrivesAfterMs: fc.integer({ min: 0, max: 400 }),
    staysMs: fc.integer({ min: 0, max: 500 }),
    fails: fc.boolean(),
    isKept: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(guest, { minLength: 1, maxLength: 12 }), async (guests) => {
      const { bytes, clock } = setUp({ maxBytesPerOwner: 70 });
      const heldBy = new Map<string, number>();
      const work = guests.map(async (guest) => {
        await clock.sleep(guest.arrivesAfterMs);
        let own = 0;
        const outcome = await bytes.hold(async (allocation) => {
          allocation.expect(guest.announced);
          for (const { byteCount, afterMs } of guest.pieces) {
            await clock.sleep(afterMs);
            await allocation.take(byteCount);
            own += byteCount;
            assert.ok(bytes.heldBytes() <= 100, `"${bytes.heldBytes()}" bytes are held`);
          }
          allocation.complete();
          if (guest.owner) heldBy.set(guest.owner, (heldBy.get(guest.owner) ?? 0) + own);
          if (guest.isKept) allocation.keepUntil(clock.sleep(guest.staysMs));
          else await clock.sleep(guest.staysMs);
          if (guest.fails) throw new Error("failed");
        }, guest.owner).then(() => "done", (error) => error.code ?? error.message);
        assert.ok(["done", "failed", "OVERLOADED"].includes(outcome), outcome);
      });
      await clock.run(Promise.all(work));
      await clock.run(clock.sleep(1_000));
      assert.equal(bytes.heldBytes(), 0);
      assert.equal(clock.pendingTimers(), 0);
    }),
    { numRuns: 40 },
  );
});
