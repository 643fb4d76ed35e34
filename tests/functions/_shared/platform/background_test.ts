import assert from "node:assert/strict";
import { createRunInBackground } from "../../../../supabase/functions/_shared/platform/background.ts";

Deno.test("createRunInBackground() begins with the work when the response is on its way", async () => {
  const steps: string[] = [];
  const runtime = {
    waitUntil: (work: Promise<unknown>) => void work.then(() => steps.push("end")),
  };
  const respond = async () => {
    createRunInBackground(runtime)(() => Promise.resolve(steps.push("work")));
    for (let i = 0; i < 100; i++) await Promise.resolve();
    steps.push("response");
  };
  await respond();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(steps, ["response", "work", "end"]);
});

Deno.test("createRunInBackground(): work that fails is over, and no unhandled rejection", async () => {
  const { promise, resolve } = Promise.withResolvers<Promise<unknown>>();
  createRunInBackground({ waitUntil: resolve })(() => Promise.reject(new Error("failed")));
  assert.equal(await await promise, undefined);
});

Deno.test("createRunInBackground() does the work where no runtime waits for it", async () => {
  await new Promise<void>((resolve) =>
    createRunInBackground(undefined)(() => Promise.resolve(resolve()))
  );
});
