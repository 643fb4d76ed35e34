import assert from "node:assert/strict";

const [ATTEMPTS, WAIT_MS] = [300, 50];

/** Looks again and again until it is so; what throws meanwhile is not so yet. Fails after 15 s. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await isTrue().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  assert.fail("it did not happen");
}
