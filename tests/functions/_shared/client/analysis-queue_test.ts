import assert from "node:assert/strict";
import {
  type AnalysisQueueOptions,
  createAnalysisQueue,
  type QueueProgress,
} from "../../../../supabase/functions/_shared/client/analysis-queue.ts";
import {
  ANALYSIS,
  type Answer,
  createFakeClient,
  refuse,
} from "../../../support/analysis-client.ts";
import { neverAnswer } from "../../../support/analysis-client.ts";
import { withDrawing } from "../../../support/drawing-page.ts";

/** A queue over a function that answers as told, and the pauses that it made. */
function createQueue(answer: Answer, options: AnalysisQueueOptions = {}) {
  const pauses: number[] = [];
  const { client, requests } = createFakeClient(answer);
  const queue = createAnalysisQueue(client, {
    sleep: (durationMs) => {
      pauses.push(durationMs);
      return new Promise((resolve) => setTimeout(resolve));
    },
    ...options,
  });
  return { queue, requests, pauses };
}

/** A picture that tells itself from others. */
const picture = (index: number) => `https://example.com/${index}.jpg`;

const deny = (limit: string, retryAfterMs: number) =>
  refuse(429, "RATE_LIMITED", { details: { limit, retry_after_ms: retryAfterMs } });

Deno.test("createAnalysisQueue() analyses all, in order, never more at a time than it may", async () => {
  let [running, most] = [0, 0];
  const { queue, requests } = createQueue(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve));
    running--;
    return Response.json(ANALYSIS);
  }, { concurrency: 3 });
  const analyses = await Promise.all(Array.from({ length: 10 }, (_, i) => queue.add(picture(i))));
  assert.equal(analyses.length, 10);
  assert.equal(most, 3);
  const sent = await Promise.all(requests.map((request) => request.json()));
  assert.deepEqual(sent.map(({ image_data }) => image_data), analyses.map((_, i) => picture(i)));
});

Deno.test("createAnalysisQueue() waits out a denial and tries the same picture again", async () => {
  let count = 0;
  const { queue, requests, pauses } = createQueue(
    () => ++count === 2 ? deny("minute", 2_500) : Response.json(ANALYSIS),
    { concurrency: 1 },
  );
  await Promise.all([0, 1, 2].map((index) => queue.add(picture(index))));
  assert.deepEqual(pauses, [2_500]);
  const sent = await Promise.all(requests.map((request) => request.json()));
  assert.deepEqual(sent.map(({ image_data }) => image_data), [0, 1, 1, 2].map(picture));
});

Deno.test("createAnalysisQueue() sends a denied picture again as it was prepared, with its colours", async () => {
  let count = 0;
  const { queue, requests } = createQueue(() =>
    ++count === 1 ? deny("minute", 2_500) : Response.json(ANALYSIS)
  );
  let prepared = 0;
  const options = { prepare: true, onPrepared: () => void prepared++ };
  await withDrawing(() => queue.add(new Blob(["a picture"]), options));
  const forms = await Promise.all(requests.map((request) => request.formData()));
  const [first, second] = forms.map((form) => JSON.parse(String(form.get("options"))));
  assert.equal(first.palette[0].hex, "#b68350");
  assert.deepEqual(second, first);
  const pictures = forms.map((form) => (form.get("image") as File).text());
  assert.deepEqual(await Promise.all(pictures), ["drawn", "drawn"]);
  assert.equal(prepared, 1);
});

Deno.test("createAnalysisQueue() starts nothing while it pauses", async () => {
  let wake = () => {};
  let count = 0;
  const { queue, requests } = createQueue(
    () => ++count === 1 ? deny("minute", 2_500) : Response.json(ANALYSIS),
    { concurrency: 1, sleep: () => new Promise((resolve) => wake = resolve) },
  );
  const first = queue.add(picture(0));
  await new Promise((resolve) => setTimeout(resolve));
  const second = queue.add(picture(1));
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(requests.length, 1);
  const { pauseMs, waiting } = queue.progress;
  assert.deepEqual({ pauseMs, waiting }, { pauseMs: 2_500, waiting: 2 });
  wake();
  await Promise.all([first, second]);
  assert.equal(queue.progress.pauseMs, 0);
});

Deno.test("createAnalysisQueue() has fewer at a time once the function allows fewer", async () => {
  let [running, most] = [0, 0];
  const { queue } = createQueue(async () => {
    if (running >= 2) return deny("concurrent", 1_000);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    return Response.json(ANALYSIS);
  }, { concurrency: 8 });
  await Promise.all(Array.from({ length: 20 }, (_, index) => queue.add(picture(index))));
  assert.equal(most, 2);
});

Deno.test("createAnalysisQueue() waits for a new unit after the last of the minute", async () => {
  let left = 2;
  const { queue, pauses } = createQueue(() => {
    const headers = {
      "RateLimit-Policy": '"minute";q=20;w=60, "day";q=200;w=86400',
      RateLimit: `"minute";r=${Math.max(0, --left)};t=60, "day";r=100;t=65548`,
    };
    return Response.json(ANALYSIS, { headers });
  }, { concurrency: 1 });
  await Promise.all([0, 1, 2].map((index) => queue.add(picture(index))));
  assert.deepEqual(pauses, [3_000, 3_000]);
});

Deno.test("createAnalysisQueue() does not wait for tomorrow: all that waits fails at once", async () => {
  const { queue, requests } = createQueue(() => deny("day", 36_000_000), { concurrency: 1 });
  const results = await Promise.allSettled([0, 1, 2].map((index) => queue.add(picture(index))));
  for (const result of results) {
    assert.ok(result.status === "rejected" && result.reason.code === "RATE_LIMITED");
  }
  assert.equal(requests.length, 1);
  assert.deepEqual(queue.progress, { waiting: 0, running: 0, done: 0, failed: 3, pauseMs: 0 });
});

Deno.test("createAnalysisQueue() passes on an error of one picture, and goes on", async () => {
  let count = 0;
  const { queue, requests } = createQueue(
    () => ++count === 1 ? refuse(400, "INVALID_IMAGE") : Response.json(ANALYSIS),
    { concurrency: 1 },
  );
  const [first, second] = await Promise.allSettled([queue.add(picture(0)), queue.add(picture(1))]);
  assert.ok(first!.status === "rejected" && first!.reason.code === "INVALID_IMAGE");
  assert.equal(second!.status, "fulfilled");
  assert.equal(requests.length, 2);
});

Deno.test("createAnalysisQueue() gives a picture up after ten denials", async () => {
  const { queue, requests } = createQueue(() => deny("minute", 1));
  await assert.rejects(queue.add(picture(0)), { code: "RATE_LIMITED" });
  assert.equal(requests.length, 10);
});

Deno.test("createAnalysisQueue() tells its progress", async () => {
  const told: QueueProgress[] = [];
  const { queue } = createQueue(() => Response.json(ANALYSIS), {
    concurrency: 1,
    onProgress: (progress) => told.push(progress),
  });
  await Promise.all([0, 1].map((index) => queue.add(picture(index))));
  assert.deepEqual(told.map(({ waiting, running, done }) => [waiting, running, done]), [
    [0, 1, 0],
    [1, 1, 0],
    [0, 1, 1],
    [0, 0, 2],
  ]);
});

Deno.test("createAnalysisQueue() lets a waiting picture be aborted, and no other", async () => {
  let finish = () => {};
  const { queue, requests } = createQueue(
    () => new Promise((resolve) => finish = () => resolve(Response.json(ANALYSIS))),
    { concurrency: 1 },
  );
  const controller = new AbortController();
  const first = queue.add(picture(0));
  const second = queue.add(picture(1), { signal: controller.signal });
  controller.abort("gone");
  await assert.rejects(second, { code: "ABORTED", cause: "gone" });
  await new Promise((resolve) => setTimeout(resolve));
  finish();
  await first;
  assert.equal(requests.length, 1);
});

Deno.test("createAnalysisQueue() cancels what runs and what waits", async () => {
  const { queue, requests } = createQueue(neverAnswer, { concurrency: 1 });
  const results = Promise.allSettled([queue.add(picture(0)), queue.add(picture(1))]);
  await new Promise((resolve) => setTimeout(resolve));
  queue.cancel();
  for (const result of await results) {
    assert.ok(result.status === "rejected" && result.reason.code === "ABORTED");
  }
  assert.equal(requests.length, 1);
});
