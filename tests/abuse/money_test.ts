/** What free sign-ups can cost, and what is left of a user who was deleted. */
import assert from "node:assert/strict";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { createTestClient, request, setFaults, signUp, TINY } from "../e2e/project.ts";
import type { Stack } from "../../dev/stack/stack.ts";

async function signInAnonymously(stack: Stack): Promise<{ id: string; token: string }> {
  const supabase = createTestClient(stack, stack.publishableKey);
  const { data, error } = await supabase.auth.signInAnonymously();
  if (error) throw error;
  return { id: data.user!.id, token: data.session!.access_token };
}

const analyse = (stack: Stack, headers: Record<string, string>, fields: object = {}) =>
  request(stack, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ image_data: TINY, options: { cache: "off" }, ...fields }),
  });

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

Deno.test("anonymous users share a budget for the day, signed in themselves or named by a secret key", async (t) => {
  await using stack = await startTestStack({
    functionEnvironment: {
      // Less than one request is set aside.
      ANONYMOUS_USD_PER_DAY: "0.000001",
      TOGETHER_FALLBACK_MODELS: "none",
    },
  });
  const anonymous = await signInAnonymously(stack);

  await t.step("a fresh anonymous user is denied by the budget of all of them", async () => {
    const { status, body } = await analyse(stack, bearer(anonymous.token));
    assert.equal(status, 429);
    assert.equal(body.error.details.limit, "anonymous_day");
  });

  await t.step("a project's secret that names an anonymous user is denied by it too", async () => {
    const { status, body } = await analyse(stack, {
      apikey: stack.secretKey,
      "x-user-id": anonymous.id,
    });
    assert.equal(status, 429);
    assert.equal(body.error.details.limit, "anonymous_day");
  });

  await t.step("a named anonymous user has an anonymous user's limits", async () => {
    const { body } = await request(stack, {
      path: "/semantic-analysis/limits",
      headers: { apikey: stack.secretKey, "x-user-id": anonymous.id },
    });
    assert.equal(body.minute.limit, 5);
    assert.equal(body.anonymous_day.limit_usd, 0.000001);
  });

  await t.step("a signed-in user is served", async () => {
    assert.equal((await analyse(stack, bearer((await signUp(stack)).token))).status, 200);
  });

  await t.step("an anonymous user's own prompt is 403, and the setting is named", async () => {
    const { status, body } = await analyse(stack, bearer(anonymous.token), { prompt: "Why?" });
    assert.equal(status, 403);
    assert.equal(body.error.details.setting, "ALLOW_CUSTOM_PROMPT");
  });
});

Deno.test("a user who was deleted is admitted to nothing, although the token is good", async () => {
  await using stack = await startTestStack();
  const { id, token } = await signUp(stack);
  assert.equal((await analyse(stack, bearer(token))).status, 200);
  await stack.database.connect({ maxConnections: 1 })`delete from auth.users where id = ${id}`;
  const gateway = request(stack, {
    path: "/mivaa-gateway",
    method: "POST",
    headers: bearer(token),
    body: JSON.stringify({ action: "semantic_analysis", payload: { image_data: TINY } }),
  });
  const limits = request(stack, { path: "/semantic-analysis/limits", headers: bearer(token) });
  for (const answer of [analyse(stack, bearer(token)), limits, gateway]) {
    const { status, body } = await answer;
    assert.equal(status, 401);
    assert.equal(body.error.details.reason, "deleted");
  }
});

Deno.test("a user whose prompt has models answer with nothing gets as many paid completions as their day has units", async () => {
  await using stack = await startTestStack({
    functionEnvironment: { RATE_LIMIT_PER_DAY: "2", TOGETHER_FALLBACK_MODELS: "none" },
  });
  const { token } = await signUp(stack);
  await setFaults(stack, [{ kind: "content", content: ". ".repeat(60), times: "always" }]);
  const ask = async () => {
    const fields = { prompt: "Answer with dots and nothing else." };
    const { status, body } = await analyse(stack, bearer(token), fields);
    return [status, body.error.code, body.error.details?.limit];
  };
  for (let unit = 0; unit < 2; unit++) {
    assert.deepEqual(await ask(), [502, "UPSTREAM_INVALID_RESPONSE", undefined]);
  }
  assert.deepEqual(await ask(), [429, "RATE_LIMITED", "day"]);
});
