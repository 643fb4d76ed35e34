/** Any interleaving of requests, answers, crashes and clock steps. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import fc from "../support/fast-check.ts";
import { keyOf, readRow, reserve, settle } from "./limiter.ts";
import { createLimiterModel, type ModelBudgets } from "./limiter-model.ts";

const NOON = Date.parse("2026-11-23T12:00:00Z");

const SUBJECTS = ["user:a", "user:b", "service:c"];

/** Whose requests count towards the anonymous users' budget too. */
const isAnonymous = (subject: string) => subject === "user:b";

const EMPTY = { day_used: 0, spent_nano: 0, holds: 0 };

const limitsArbitrary = fc.record({
  perMinute: fc.integer({ min: 1, max: 60 }),
  burst: fc.integer({ min: 1, max: 8 }),
  perDay: fc.integer({ min: 0, max: 8 }),
  concurrent: fc.integer({ min: 1, max: 3 }),
  nanoPerMonth: fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: null }),
});

const budgetsArbitrary = fc.record({
  projectNanoPerMonth: fc.option(fc.integer({ min: 0, max: 8_000 }), { nil: null }),
  anonymousNanoPerDay: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: null }),
});

const reserveArbitrary = fc.record({
  kind: fc.constant("reserve" as const),
  subject: fc.constantFrom(...SUBJECTS),
  key: fc.constantFrom(null, null, keyOf(1), keyOf(2)),
  ceilingNano: fc.integer({ min: 0, max: 1_000 }),
});

const settleArbitrary = fc.record({
  kind: fc.constant("settle" as const),
  /** Which of the leaders, modulo their number; the same one may come again. */
  index: fc.nat({ max: 20 }),
  share: fc.double({ min: 0, max: 1.2, noNaN: true }),
  givesBackDay: fc.boolean(),
  ttlS: fc.constantFrom(null, 0, 1, 300),
});

function stepsArbitrary(stepMs: fc.Arbitrary<number>) {
  const wait = fc.record({ kind: fc.constant("wait" as const), ms: stepMs });
  return fc.array(
    fc.oneof(
      { weight: 5, arbitrary: reserveArbitrary },
      { weight: 3, arbitrary: settleArbitrary },
      { weight: 2, arbitrary: wait },
    ),
    { minLength: 1, maxLength: 16 },
  );
}

function toOptions(budgets: ModelBudgets, subject: string): ModelBudgets {
  return {
    ...budgets,
    anonymousNanoPerDay: isAnonymous(subject) ? budgets.anonymousNanoPerDay : null,
  };
}

interface Lead {
  id: string;
  subject: string;
  key: string | null;
  ceilingNano: number;
}

async function empty(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(
    `delete from semantic_analysis.rate_limits; delete from semantic_analysis.answers;
     delete from semantic_analysis.budgets`,
  );
}

Deno.test("every decision and every row is the model's, whatever the clock does", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const stepMs = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: 80_000, max: 400_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -90_000_000, max: 90_000_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -3_000_000_000, max: 3_000_000_000 }) },
  );
  await fc.assert(
    fc.asyncProperty(
      limitsArbitrary,
      budgetsArbitrary,
      stepsArbitrary(stepMs),
      async (limits, budgets, steps) => {
        await empty(sql);
        const model = createLimiterModel(limits, budgets);
        const leads: Lead[] = [];
        let nowMs = NOON;
        for (const step of steps) {
          const now = new Date(nowMs);
          const nowUs = nowMs * 1_000;
          if (step.kind === "wait") {
            nowMs += step.ms;
          } else if (step.kind === "reserve") {
            const request = {
              ...step,
              id: crypto.randomUUID(),
              isAnonymous: isAnonymous(step.subject),
            };
            const decision = await reserve(sql, {
              ...request,
              limits,
              ...toOptions(budgets, step.subject),
              now,
            });
            assert.equal(decision.outcome, model.reserve(request, nowUs));
            assert.ok(decision.minute_remaining >= 0 && decision.minute_remaining <= limits.burst);
            assert.ok(decision.day_remaining >= 0);
            if (decision.outcome === "denied") assert.ok(decision.retry_after_ms! > 0);
            if (decision.outcome === "leader") leads.push(request);
          } else if (leads.length > 0) {
            const lead = leads[step.index % leads.length]!;
            const settlement = {
              ...lead,
              actualNano: Math.floor(step.share * lead.ceilingNano),
              givesBackDay: step.givesBackDay,
              ttlS: step.ttlS,
            };
            const wasHeld = await settle(sql, {
              ...settlement,
              answer: step.ttlS === null || lead.key === null ? null : "{}",
              ttlS: step.ttlS ?? 0,
              now,
            });
            assert.equal(wasHeld, model.settle(settlement, nowUs));
          }
          for (const name of ["anonymous", "project"] as const) {
            const [budget] = await sql`
              select (semantic_analysis.read_budget(${name}, ${now})).spent_nano::float8 as spent`;
            assert.equal(budget!.spent, model.readSpentNano(name, nowUs), name);
          }
          for (const subject of SUBJECTS) {
            // A row that was made for a denial says the same as none.
            assert.deepEqual(await readRow(sql, subject) ?? EMPTY, model.read(subject) ?? EMPTY);
          }
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

Deno.test("within a day: money, day and holds add up, and no window holds more than it may", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const stepMs = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 80_000, max: 200_000 }) },
  );
  await fc.assert(
    fc.asyncProperty(
      limitsArbitrary,
      budgetsArbitrary,
      stepsArbitrary(stepMs),
      async (limits, budgets, steps) => {
        await empty(sql);
        const { projectNanoPerMonth, anonymousNanoPerDay } = budgets;
        const leads: (Lead & { startedMs: number })[] = [];
        const settledNano = new Map<string, number>();
        const givenBack = new Set<string>();
        const taken: { subject: string; ms: number }[] = [];
        let nowMs = NOON;
        for (const step of steps) {
          const now = new Date(nowMs);
          if (step.kind === "wait") {
            nowMs += step.ms;
          } else if (step.kind === "reserve") {
            const id = crypto.randomUUID();
            const { outcome } = await reserve(sql, {
              ...step,
              id,
              limits,
              ...toOptions(budgets, step.subject),
              now,
            });
            if (outcome !== "denied") taken.push({ subject: step.subject, ms: nowMs });
            if (outcome === "leader") leads.push({ ...step, id, startedMs: nowMs });
          } else if (leads.length > 0) {
            const { id, subject, ceilingNano } = leads[step.index % leads.length]!;
            // Up to the ceiling: more than that is what the client never lets happen.
            const actualNano = Math.floor(Math.min(1, step.share) * ceilingNano);
            const { givesBackDay } = step;
            if (await settle(sql, { id, subject, actualNano, givesBackDay, now })) {
              assert.ok(!settledNano.has(id), "settled twice");
              settledNano.set(id, actualNano);
              if (givesBackDay) givenBack.add(id);
            }
          }
        }
        const spentOf = (own: typeof leads) =>
          own.reduce((sum, { id, ceilingNano }) => sum + (settledNano.get(id) ?? ceilingNano), 0);
        for (const subject of SUBJECTS) {
          const own = leads.filter((lead) => lead.subject === subject);
          const row = await readRow(sql, subject);
          assert.equal(row?.spent_nano ?? 0, spentOf(own));
          assert.equal(row?.day_used ?? 0, own.filter(({ id }) => !givenBack.has(id)).length);
          assert.ok((row?.spent_nano ?? 0) <= (limits.nanoPerMonth ?? Infinity));
          const live = own.filter(({ id, startedMs }) =>
            !settledNano.has(id) && startedMs + 90_000 > nowMs
          );
          assert.ok(live.length <= limits.concurrent);
          assertWindows(taken.filter((each) => each.subject === subject), limits);
        }
        if (projectNanoPerMonth !== null) {
          const project = await readRow(sql, "project");
          assert.equal(project?.spent_nano ?? 0, spentOf(leads));
          assert.ok(spentOf(leads) <= projectNanoPerMonth);
        }
        if (anonymousNanoPerDay !== null) {
          const own = leads.filter(({ subject }) => isAnonymous(subject));
          assert.equal((await readRow(sql, "anonymous"))?.spent_nano ?? 0, spentOf(own));
          assert.ok(spentOf(own) <= anonymousNanoPerDay);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

/** In any time t there are at most burst + rate · t. */
function assertWindows(
  taken: readonly { ms: number }[],
  { perMinute, burst }: { perMinute: number; burst: number },
): void {
  for (const [first, { ms: start }] of taken.entries()) {
    for (const [last, { ms: end }] of taken.entries()) {
      if (last < first) continue;
      const most = burst + perMinute * (end - start) / 60_000;
      assert.ok(last - first + 1 <= most + 1e-9, `${last - first + 1} in ${end - start} ms`);
    }
  }
}
