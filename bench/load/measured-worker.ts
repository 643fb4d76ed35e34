/** What runs in the process of `measureLife`, on the hosted runtime's Deno. Prints a `WorkerLife`. */
import type { Cost, WorkerLife } from "./worker-life.ts";

const REQUESTS = 2;

/** Long enough for what follows an answer, such as the limiter's settle, even where the database is far away. */
const APART_MS = 200;

const [file, pauseMs, requestFile] = Deno.args as [string, string, string?];

function readCpuMs(): number {
  return Number(Deno.readTextFileSync("/proc/self/schedstat").split(" ")[0]) / 1e6;
}

async function measure<T>(run: () => Promise<T>): Promise<{ result: T; cost: Cost }> {
  const [startedAt, cpuMsBefore] = [performance.now(), readCpuMs()];
  const result = await run();
  const [ms, cpuMs] = [performance.now() - startedAt, readCpuMs() - cpuMsBefore];
  return { result, cost: { ms, cpuMs } };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const request = requestFile && JSON.parse(await Deno.readTextFile(requestFile));
// What measures is compiled before.
await measure(async () => {});
const { result: { default: server }, cost: load } = await measure(() => import(file));
const life: WorkerLife = { load, answers: [] };
if (Number(pauseMs) > 0) await pause(Number(pauseMs));
for (let i = 0; request && i < REQUESTS; i++) {
  if (i > 0) await pause(APART_MS);
  const url = "http://127.0.0.1/semantic-analysis";
  const { result, cost } = await measure(async () => {
    const response = await server.fetch(new Request(url, { method: "POST", ...request }));
    return { response, text: await response.text() };
  });
  if (!result.response.ok) throw new Error(result.text);
  life.answers.push(cost);
}
console.log(JSON.stringify(life));
Deno.exit(0);
