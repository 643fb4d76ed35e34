/** What is taken is corrected once it is known what a request cost, whatever fails in between. */
import assert from "node:assert/strict";
import { startStack } from "../../dev/stack/stack.ts";
import { connect } from "../../dev/stack/postgres/connect.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { until } from "../support/until.ts";
import { invoke, setFaults, signUp, takeUpstreamRequests } from "./project.ts";

Deno.test("an answer is settled with what it cost, and has its row", async () => {
  await using stack = await startTestStack();
  const sql = stack.database.connect({ maxConnections: 1 });
  const { id, supabase } = await signUp(stack);
  const { body } = await invoke(supabase);
  const read = async () => {
    const [row] = await sql`select spent_nano::float8 as spent, cardinality(holds) as holds
      from semantic_analysis.rate_limits where subject = ${`user:${id}`}`;
    return row!;
  };
  await until(async () => (await read()).holds === 0);
  assert.equal((await read()).spent, Math.round(body.usage.cost_usd * 1e9));

  const { data } = await supabase.from("semantic_analysis_usage").select();
  assert.equal(data!.length, 1);
  assert.equal(data![0].id, body.request_id);
  assert.equal(data![0].outcome, "ok");
  assert.equal(data![0].cost_usd, body.usage.cost_usd);
  assert.equal(data![0].prompt_tokens, body.usage.prompt_tokens);

  const other = await signUp(stack);
  assert.deepEqual((await other.supabase.from("semantic_analysis_usage").select()).data, []);
  const limits = await invoke(supabase, { method: "GET" }, "semantic-analysis/limits");
  assert.equal(limits.body.month.spent_usd, body.usage.cost_usd);
});

Deno.test("PostgREST gone while the model thinks: the answer goes out, and is settled later", async () => {
  await using stack = await startTestStack();
  const sql = stack.database.connect({ maxConnections: 1 });
  const { supabase } = await signUp(stack);
  await setFaults(stack, [{ kind: "delay", delayMs: 5_000 }]);
  const answer = invoke(supabase);
  await until(async () => (await sql`select from semantic_analysis.rate_limits`).length === 1);
  await stack.stopProcess("postgrest");
  assert.equal((await answer).status, 200);
  const [held] = await sql`
    select cardinality(holds) as holds from semantic_analysis.rate_limits`;
  assert.equal(held!.holds, 1);
  await stack.restartProcess("postgrest");
  await until(async () => {
    const [row] = await sql`
      select cardinality(holds) as holds from semantic_analysis.rate_limits`;
    return row!.holds === 0;
  });
});

Deno.test("Postgres gone while the model thinks: clear errors meanwhile, and it recovers by itself", async () => {
  await using stack = await startStack();
  const { supabase } = await signUp(stack);
  assert.equal((await invoke(supabase)).status, 200);
  await takeUpstreamRequests(stack);
  await setFaults(stack, [{ kind: "delay", delayMs: 5_000 }]);
  const answer = invoke(supabase);
  const sql = connect(stack.databaseUrl);
  await until(async () => {
    const [row] = await sql`
      select cardinality(holds) as holds from semantic_analysis.rate_limits`;
    return row!.holds === 1;
  });
  await sql.end();
  await stack.stopProcess("postgres");
  assert.equal((await answer).status, 200);
  await takeUpstreamRequests(stack);
  const refused = await invoke(supabase);
  assert.equal(refused.status, 503);
  assert.equal(refused.body.error.code, "RATE_LIMITER_UNAVAILABLE");
  assert.deepEqual(await takeUpstreamRequests(stack), []);
  await stack.restartProcess("postgres");
  await until(async () => (await invoke(supabase)).status === 200);
});
