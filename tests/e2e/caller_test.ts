/** The caller's side on the running stack: a real supabase-js, the real function behind it. */
import assert from "node:assert/strict";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import {
  analysePicture,
  type AnalysePictureOptions,
} from "../../supabase/functions/_shared/client/analyse-picture.ts";
import { SemanticAnalysisError } from "../../supabase/functions/_shared/client/errors.ts";
import { streamAnalysis } from "../../supabase/functions/_shared/client/stream-analysis.ts";
import { createChargedSubjects } from "../support/charged-subjects.ts";
import { until } from "../support/until.ts";
import { createTestClient, setFaults, signUp, TINY, untilLogged, WOOD } from "./project.ts";

Deno.test("another function or a frontend analyses a picture", async (t) => {
  await using stack = await startTestStack({
    functionEnvironment: {
      ANALYSIS_CACHE_TTL: "0",
      RATE_LIMIT_CONCURRENT: "1000",
      RATE_LIMIT_ANONYMOUS_CONCURRENT: "1000",
      TOGETHER_FALLBACK_MODELS: "none",
      RATE_LIMIT_PER_MINUTE: "1000",
      RATE_LIMIT_ANONYMOUS_PER_MINUTE: "1",
      RATE_LIMIT_ANONYMOUS_BURST: "1",
    },
  });
  const takeSubjects = createChargedSubjects(stack.database.connect({ maxConnections: 1 }));
  const ada = await signUp(stack);
  const admin = createTestClient(stack, stack.secretKey);
  const fail = async (
    client: Parameters<typeof analysePicture>[0],
    options: AnalysePictureOptions = {},
    image = TINY,
  ) => {
    try {
      await analysePicture(client, { image_data: image }, options);
    } catch (error) {
      assert.ok(error instanceof SemanticAnalysisError, Deno.inspect(error));
      return error;
    }
    assert.fail("it was not refused");
  };

  await t.step("a frontend, as its signed-in user", async () => {
    let headers: Headers | undefined;
    const answer = await analysePicture(ada.supabase, { image_data: WOOD }, {
      onHeaders: (answered) => headers = answered,
    });
    assert.equal(answer.material?.family, "wood");
    assert.ok(headers?.has("ratelimit"));
    assert.deepEqual(await takeSubjects(), [`user:${ada.id}`]);
  });

  const onBehalf: [string, AnalysePictureOptions, string][] = [
    ["on its own account", {}, "service:default"],
    ["under a name of its own", { serviceName: "night-jobs" }, "service:night-jobs"],
    ["with the user's token", { userToken: ada.token }, `user:${ada.id}`],
    ["for a user it names", { userId: ada.id }, `user:${ada.id}`],
  ];
  for (const [name, options, subject] of onBehalf) {
    await t.step(`a function with the project secret, ${name}`, async () => {
      await analysePicture(admin, { image_data: TINY }, options);
      assert.deepEqual(await takeSubjects(), [subject]);
    });
  }

  await t.step("for a user and a service at once it is forbidden", async () => {
    const error = await fail(admin, { userId: ada.id, serviceName: "night-jobs" });
    assert.deepEqual([error.status, error.code], [403, "FORBIDDEN"]);
    assert.deepEqual(await takeSubjects(), []);
  });

  await t.step("a user's x-service-name has no weight", async () => {
    await analysePicture(ada.supabase, { image_data: TINY }, { serviceName: "night-jobs" });
    assert.deepEqual(await takeSubjects(), [`user:${ada.id}`]);
  });

  await t.step("streamed, the texts are the result's", async () => {
    let text = "";
    for await (const event of streamAnalysis(ada.supabase, { image_data: WOOD })) {
      if (event.type === "delta") text += event.text;
      else assert.equal(event.result.analysis, text);
    }
    assert.match(text, /wood/i);
  });

  await t.step("a limit is told with its wait and its headers", async () => {
    const anonymous = createTestClient(stack, stack.publishableKey);
    await anonymous.auth.signInAnonymously();
    await analysePicture(anonymous, { image_data: TINY });
    const error = await fail(anonymous);
    assert.deepEqual([error.status, error.code], [429, "RATE_LIMITED"]);
    assert.ok(error.retryAfterMs! > 50_000 && error.retryAfterMs! <= 60_000);
    assert.equal(error.headers?.get("retry-after"), `${Math.ceil(error.retryAfterMs! / 1000)}`);
    assert.match(error.headers?.get("ratelimit") ?? "", /"minute";r=0;/);
    assert.equal(error.requestId, error.headers?.get("x-request-id"));
    assert.equal(error.details?.limit, "minute");
    const stream = streamAnalysis(anonymous, { image_data: TINY });
    await assert.rejects(stream.next(), { status: 429, code: "RATE_LIMITED" });
  });

  await t.step("bad input is told with its problem", async () => {
    const error = await fail(ada.supabase, {}, "not base64!");
    assert.deepEqual([error.status, error.code], [400, "INVALID_IMAGE"]);
  });

  await t.step("one request id finds the path in the function's log", async () => {
    await analysePicture(ada.supabase, { image_data: TINY }, { requestId: "trail-1" });
    await untilLogged(stack, "semantic-analysis", '"client_request_id":"trail-1"');
  });

  await t.step("the deadline reaches the function, which answers before it", async () => {
    await setFaults(stack, [{ kind: "delay", delayMs: 20_000 }]);
    const error = await fail(ada.supabase, { timeoutMs: 3_000 });
    // Not the client's own TIMEOUT.
    assert.deepEqual([error.status, error.code], [504, "UPSTREAM_TIMEOUT"]);
  });

  await t.step("an abort ends the call", async () => {
    await setFaults(stack, [{ kind: "delay", delayMs: 20_000 }]);
    const controller = new AbortController();
    await takeSubjects();
    const failing = fail(ada.supabase, { signal: controller.signal, timeoutMs: 20_000 });
    await until(async () => (await takeSubjects()).length === 1);
    controller.abort();
    assert.equal((await failing).code, "ABORTED");
    await setFaults(stack, []);
    const early = await fail(ada.supabase, { signal: AbortSignal.abort(), timeoutMs: 20_000 });
    assert.equal(early.code, "ABORTED");
    assert.deepEqual(await takeSubjects(), [], "nothing was sent");
  });

  await t.step("a function that is down is the platform's error", async () => {
    await stack.stopProcess("semantic-analysis");
    const error = await fail(ada.supabase);
    assert.deepEqual([error.status !== null && error.status >= 500, error.code], [
      true,
      "PLATFORM_ERROR",
    ]);
  });
});
