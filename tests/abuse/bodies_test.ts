/** Bodies that hold up other callers, or take memory and CPU that no limit counts. */
import assert from "node:assert/strict";
import { readCpuMs, readMemory, resetPeakMemory } from "../../bench/process-usage.ts";
import { findHostedDeno, HOSTED_VERSION } from "../../dev/stack/functions/hosted-deno.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { signUp, TINY, WOOD } from "../e2e/project.ts";
import { startSecondWorker } from "../support/second-worker.ts";
import { openSlowBody } from "../support/slow-body.ts";

const MEGABYTE = 1024 * 1024;

/** The largest body that the functions take by its announcement. */
const LARGEST_BYTES = 8 * MEGABYTE;

const encode = (text: string) => new TextEncoder().encode(text);

/** A good request to each function, and its picture's field. */
const FUNCTIONS: Record<string, { good: (image: string) => unknown }> = {
  "semantic-analysis": {
    good: (image_data) => ({ image_data, options: { cache: "off" } }),
  },
  "visual-search": {
    good: (query_image) => ({ search_type: "semantic_analysis", query_image }),
  },
  "mivaa-gateway": {
    good: (image_data) => ({
      action: "semantic_analysis",
      payload: { image_data, options: { cache: "off" } },
    }),
  },
};

const LEVELS: [string, string][] = [[Deno.version.deno, Deno.execPath()], [
  HOSTED_VERSION,
  await findHostedDeno(),
]];

/** 8 MB that are no picture, and cheap to send. */
const HUGE: Record<string, string> = {
  "empty objects": `[${"{},".repeat(2_700_000)}{}]`,
  "empty objects in a field": `{"x":[${"{},".repeat(2_700_000)}{}]}`,
  "keys": `{${Array.from({ length: 550_000 }, (_, index) => `"k${index}":1`).join(",")}}`,
  "brackets": `{"x":${"[".repeat(4_000_000)}${"]".repeat(4_000_000)}}`,
  "bad filters": JSON.stringify({
    search_type: "hybrid",
    filters: { material_types: Array.from({ length: 3_900_000 }, () => 1) },
  }),
  "short texts": `{"x":[${'"a",'.repeat(2_000_000)}"a"]}`,
  "quotes": `{"x":"${'\\"'.repeat(4_000_000)}"}`,
};

for (const [version, denoBinary] of LEVELS) {
  for (const [name, { good }] of Object.entries(FUNCTIONS)) {
    Deno.test(`${name} on Deno ${version}: silent connections delay no other caller, 8 MB of JSON take no memory`, async (t) => {
      await using stack = await startTestStack({
        functionEnvironment: { RATE_LIMIT_PER_MINUTE: "1000", RATE_LIMIT_CONCURRENT: "100" },
      });
      const environment = { RATE_LIMIT_PER_MINUTE: "1000", RATE_LIMIT_CONCURRENT: "100" };
      await using worker = await startSecondWorker(stack, environment, { name, denoBinary });
      const users = await Promise.all(Array.from({ length: 5 }, () => signUp(stack)));
      const honest = users[0]!;
      const post = async (token: string, body: string) => {
        const response = await fetch(worker.url, {
          method: "POST",
          headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
          body,
        });
        return { status: response.status, text: await response.text() };
      };
      const askHonestly = async (image: string) => {
        const { status, text } = await post(honest.token, JSON.stringify(good(image)));
        assert.equal(status, 200, text);
      };
      // Compiled and connected.
      for (let i = 0; i < 3; i++) await askHonestly(TINY);

      await t.step(
        "three, then thirty silent connections with all that they announce",
        async () => {
          for (const count of [3, 30]) {
            const silent = await Promise.all(
              Array.from({ length: count }, (_, index) =>
                openSlowBody(worker.url, {
                  token: users[1 + index % 4]!.token,
                  announcedBytes: LARGEST_BYTES,
                  sent: encode('{"image_data":"'),
                })),
            );
            const [{ nowMib }] = [await readMemory(worker.pid)];
            for (let i = 0; i < 3; i++) {
              await askHonestly(WOOD);
            }
            assert.ok((await readMemory(worker.pid)).nowMib - nowMib < 64);
            for (const body of silent) body[Symbol.dispose]();
          }
        },
      );

      await t.step("8 MB that are no picture are refused before they are parsed", async () => {
        for (const [kind, body] of Object.entries(HUGE)) {
          await resetPeakMemory(worker.pid);
          const before = await readMemory(worker.pid);
          const cpuBeforeMs = await readCpuMs(worker.pid);
          const { token } = await signUp(stack);
          const { status, text } = await post(token, body.slice(0, LARGEST_BYTES));
          assert.ok(status === 413 || status === 400, `${kind}: ${status} ${text}`);
          assert.ok(text.length < 64 * 1024, `${kind}: an answer of ${text.length} bytes`);
          const { peakMib } = await readMemory(worker.pid);
          // The body itself, as it arrives and put together.
          const grownMib = peakMib - before.nowMib;
          assert.ok(grownMib < 45, `${kind}: ${grownMib.toFixed(0)} MiB more`);
          const cpuMs = await readCpuMs(worker.pid) - cpuBeforeMs;
          assert.ok(cpuMs < 400, `${kind}: ${cpuMs} ms of CPU`);
        }
      });

      await t.step("64 KB of bad fields are told in an answer of a few KB", async () => {
        const { token } = await signUp(stack);
        const filters = {
          property_filters: Object.fromEntries(
            Array.from({ length: 3_000 }, (_, index) => [`k${index}`, { bad: 1 }]),
          ),
        };
        const { status, text } = await post(
          token,
          JSON.stringify({ ...good(TINY) as object, filters }),
        );
        assert.ok(status === 400 || status === 200, text);
        assert.ok(text.length < 16 * 1024, `an answer of ${text.length} bytes`);
      });
    });
  }
}

Deno.test("13,000 names in a query string cost no CPU to speak of", async () => {
  await using stack = await startTestStack();
  await using worker = await startSecondWorker(stack, {});
  const { token } = await signUp(stack);
  const query = Array.from({ length: 13_000 }, (_, index) => (index + 1_296).toString(36)).join(
    "&",
  );
  const post = async (query: string) => {
    const response = await fetch(`${worker.url}?${query}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "image/gif" },
      body: Uint8Array.from(atob(TINY), (char) => char.charCodeAt(0)),
    });
    return { status: response.status, text: await response.text() };
  };
  assert.equal((await post("cache=off")).status, 200);
  const beforeMs = await readCpuMs(worker.pid);
  const { status, text } = await post(query);
  assert.ok(status === 400 || status === 414 || status === 431, text);
  const cpuMs = await readCpuMs(worker.pid) - beforeMs;
  assert.ok(cpuMs < 150, `${cpuMs} ms of CPU`);
});
