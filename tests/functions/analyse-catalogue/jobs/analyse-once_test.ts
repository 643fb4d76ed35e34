import assert from "node:assert/strict";
import { analyseOnce } from "../../../../supabase/functions/analyse-catalogue/jobs/analyse-once.ts";
import { ANALYSIS } from "../../../support/analysis-client.ts";
import { job, refused } from "../../../support/fake-jobs.ts";

const PLACEHOLDER = "https://pictures.example/no-picture.png";
const shows = (id: number, ownerId: string | null = null) => ({
  ...job(id, ownerId),
  source: PLACEHOLDER,
});

Deno.test("analyseOnce(): a picture of several materials is paid for once, in one name", async () => {
  const asked: number[] = [];
  const analyse = analyseOnce(({ id }) => {
    asked.push(id);
    return Promise.resolve(ANALYSIS);
  });
  assert.deepEqual(await analyse(shows(1), 1_000), ANALYSIS);
  const again = await analyse(shows(2), 1_000);
  assert.deepEqual([again.cached, again.usage.cost_usd], [true, 0]);
  assert.equal(again.analysis, ANALYSIS.analysis);
  for (const other of [shows(3, "user"), job(4)]) await analyse(other, 1_000);
  assert.deepEqual(asked, [1, 3, 4]);
});

Deno.test("analyseOnce(): an object that was replaced at its place is another picture", async () => {
  const asked: (string | null)[] = [];
  const analyse = analyseOnce(({ version }) => {
    asked.push(version);
    return Promise.resolve(ANALYSIS);
  });
  const ofVersion = (version: string) => ({
    ...job(1),
    source: "storage://pictures/a.jpg",
    version,
  });
  for (const version of ["1", "2", "2"]) await analyse(ofVersion(version), 1_000);
  assert.deepEqual(asked, ["1", "2"]);
});

Deno.test("analyseOnce(): a failure, and an answer to a picture that changed, are no answer for the next", async () => {
  const results = [
    () => Promise.reject(refused("UPSTREAM_TIMEOUT")),
    () =>
      Promise.resolve({
        ...ANALYSIS,
        warnings: [{ code: "IMAGE_CHANGED" as const, message: "It changed" }],
      }),
    () => Promise.resolve(ANALYSIS),
  ];
  const analyse = analyseOnce(() => results.shift()!());
  await assert.rejects(analyse(shows(1), 1_000), { code: "UPSTREAM_TIMEOUT" });
  assert.equal((await analyse(shows(1), 1_000)).warnings.length, 1);
  assert.deepEqual(await analyse(shows(2), 1_000), ANALYSIS);
  assert.equal((await analyse(shows(3), 1_000)).cached, true);
});
