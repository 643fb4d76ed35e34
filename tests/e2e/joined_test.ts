/** Identical requests in flight, over two processes of the function. */
import assert from "node:assert/strict";
import { type Stack } from "../../dev/stack/stack.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { until } from "../support/until.ts";
import { startSecondWorker } from "../support/second-worker.ts";
import { setFaults, signUp, takeUpstreamRequests, WOOD } from "./project.ts";

const LIMITS = {
  RATE_LIMIT_PER_MINUTE: "1000",
  TOGETHER_FALLBACK_MODELS: "none",
};

interface Answer {
  status: number;
  cache: string | null;
  cached: boolean | undefined;
}

async function ask(url: string, token: string): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ image_data: WOOD }),
  });
  const { cached } = await response.json();
  return { status: response.status, cache: response.headers.get("x-cache"), cached };
}

const firstUrl = (stack: Stack) => `${stack.apiUrl}/functions/v1/semantic-analysis`;

const count = (answers: Answer[], cache: string) =>
  answers.filter((answer) => answer.cache === cache).length;

Deno.test("50 identical requests over two processes make one call", async (t) => {
  const environment = { ...LIMITS, ANALYSIS_CACHE_SCOPE: "project" };
  await using stack = await startTestStack({ functionEnvironment: environment });
  await using second = await startSecondWorker(stack, environment);
  const urls = [firstUrl(stack), second.url];
  const sql = stack.database.connect({ maxConnections: 1 });

  const cases: [name: string, userCount: number][] = [["one user", 1], ["five users", 5]];
  for (const [name, userCount] of cases) {
    await t.step(`of ${name}`, async () => {
      const users = await Promise.all(Array.from({ length: userCount }, () => signUp(stack)));
      await sql`delete from semantic_analysis.answers`;
      await takeUpstreamRequests(stack);
      await setFaults(stack, [{ kind: "delay", delayMs: 1_500 }]);
      const answers = await Promise.all(
        Array.from(
          { length: 50 },
          (_, index) => ask(urls[index % 2]!, users[index % userCount]!.token),
        ),
      );
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
      assert.equal((await takeUpstreamRequests(stack)).length, 1);
      assert.equal(count(answers, "miss"), 1);
      assert.equal(count(answers, "joined") + count(answers, "hit"), 49);
      assert.equal(answers.filter(({ cached }) => cached).length, 49);
      const subjects = users.map(({ id }) => `user:${id}`);
      const [{ used }] = await sql<[{ used: number }]>`
        select sum(day_used)::int as used from semantic_analysis.rate_limits
        where subject = any(${subjects})`;
      assert.equal(used, 1);
    });
  }

  await t.step("each of the hundred requests has a row in the ledger", async () => {
    await until(async () => {
      const [{ rows }] = await sql<[{ rows: number }]>`
        select count(*)::int as rows from semantic_analysis.ledger`;
      return rows === 100;
    });
    const [{ paid }] = await sql<[{ paid: number }]>`
      select count(*)::int as paid from semantic_analysis.ledger where cost_nano > 0`;
    assert.equal(paid, 2);
  });
});

Deno.test("a leader that is killed: one takes over, and nothing it took is given back", async (t) => {
  // A minute for each request, so that the row tells how many have come.
  const environment = { ...LIMITS, RATE_LIMIT_PER_MINUTE: "1", RATE_LIMIT_BURST: "60" };
  await using stack = await startTestStack({ functionEnvironment: environment });
  await using doomed = await startSecondWorker(stack, environment);
  const sql = stack.database.connect({ maxConnections: 1 });
  const { id, token } = await signUp(stack);
  await setFaults(stack, [{ kind: "delay", delayMs: 30_000 }]);

  const lost = ask(doomed.url, token).then(() => "answered", () => "lost");
  await until(async () => (await sql`select from semantic_analysis.answers`).length === 1);
  const waiting = Promise.all(Array.from({ length: 5 }, () => ask(firstUrl(stack), token)));
  await until(async () => {
    const [row] = await sql`select tat > now() + interval '5 minutes' as joined
      from semantic_analysis.rate_limits where subject = ${`user:${id}`}`;
    return row?.joined === true;
  });
  doomed.kill();
  assert.equal(await lost, "lost");

  await t.step(
    "once its lease is over, one asks again and the others have its answer",
    async () => {
      // Ninety seconds later.
      await sql`update semantic_analysis.answers set lease_until = now()`;
      const answers = await waiting;
      assert.deepEqual(answers.map(({ status }) => status), Array(5).fill(200));
      // Those who had joined and took over tell it as their own; who joined the second leader joined.
      assert.equal(count(answers, "miss"), 1);
      assert.equal(count(answers, "joined") + count(answers, "hit"), 4);
    },
  );

  await t.step("its day, dollars and place stay taken until the hold expires", async () => {
    await until(async () => {
      const [row] = await sql`select day_used, cardinality(holds) as holds
        from semantic_analysis.rate_limits where subject = ${`user:${id}`}`;
      return row!.day_used === 2 && row!.holds === 1;
    });
  });
});
