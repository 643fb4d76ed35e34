/** Bodies that arrive nearly whole and then stop: they are ended, and their memory is gone. */
import assert from "node:assert/strict";
import { readMemory } from "../../bench/process-usage.ts";
import { findHostedDeno, HOSTED_VERSION } from "../../dev/stack/functions/hosted-deno.ts";
import type { Stack } from "../../dev/stack/stack.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { signUp, WOOD } from "../e2e/project.ts";
import { startSecondWorker } from "../support/second-worker.ts";
import { openSlowBody } from "../support/slow-body.ts";

const LARGEST_BYTES = 8 * 1024 * 1024;

/** After this a body that has stopped may be ended for another one. */
const GRACE_MS = 5_000;

const MOST_MS = 30_000;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const LEVELS: [string, string][] = [
  [Deno.version.deno, Deno.execPath()],
  [HOSTED_VERSION, await findHostedDeno()],
];

const BODIES: Record<string, object> = {
  "semantic-analysis": { image_data: WOOD },
  "visual-search": { search_type: "semantic_analysis", query_image: WOOD },
  "mivaa-gateway": { action: "semantic_analysis", payload: { image_data: WOOD } },
};

interface Trial {
  stack: Stack;
  denoBinary: string;
}

async function endStoppedBodies({ stack, denoBinary }: Trial, name: string): Promise<void> {
  await using worker = await startSecondWorker(stack, {}, { name, denoBinary });
  const users = await Promise.all(Array.from({ length: 10 }, () => signUp(stack)));
  const askHonestly = async () => {
    const response = await fetch(worker.url, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${users[0]!.token}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify(BODIES[name]),
    });
    const text = await response.text();
    assert.equal(response.status, 200, `${name}: ${text}`);
  };
  await askHonestly();
  const { nowMib: idleMib } = await readMemory(worker.pid);

  const sent = new Uint8Array(LARGEST_BYTES - 1_000).fill(0x41);
  sent.set(new TextEncoder().encode('{"image_data":"'));
  const openBodies = () =>
    Promise.all(
      users.slice(1).map(({ token }) =>
        openSlowBody(worker.url, { token, announcedBytes: LARGEST_BYTES, sent })
      ),
    );

  // Three fill the room; the others are told to try again. Then an honest caller needs some.
  for (let round = 0; round < 3; round++) {
    const bodies = await openBodies();
    await wait(GRACE_MS + 1_500);
    await askHonestly();
    for (const body of bodies) body[Symbol.dispose]();
  }
  await wait(1_000);
  await askHonestly();
  const { nowMib } = await readMemory(worker.pid);
  // What the allocator keeps for the next request, and little more.
  const grownMib = nowMib - idleMib;
  assert.ok(grownMib < 100, `${name}: ${grownMib.toFixed(0)} MiB more after 27 bodies of 8 MB`);
}

async function endWithoutOthers({ stack, denoBinary }: Trial): Promise<void> {
  await using worker = await startSecondWorker(stack, {}, { denoBinary });
  const { token } = await signUp(stack);
  using body = await openSlowBody(worker.url, {
    token,
    announcedBytes: LARGEST_BYTES,
    sent: new Uint8Array(LARGEST_BYTES / 2).fill(0x41),
  });
  const answer = await Promise.race([body.answer, wait(MOST_MS + 10_000).then(() => "none")]);
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /must arrive within 30 seconds/);
}

for (const [version, denoBinary] of LEVELS) {
  // At once, each in a worker of its own: all they do is wait.
  Deno.test(`Deno ${version}: bodies that stop are ended, in each function when another waits and after 30 s when none does, and their memory is gone`, async () => {
    await using stack = await startTestStack();
    const trial = { stack, denoBinary };
    await Promise.all([
      endWithoutOthers(trial),
      ...Object.keys(BODIES).map((name) => endStoppedBodies(trial, name)),
    ]);
  });
}
