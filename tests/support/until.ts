import assert from "node:assert/strict";

/** Two minutes at least: the end of a test that would never end, not a measure of how fast it is. */
const [ATTEMPTS, WAIT_MS] = [2_400, 50];

/** Looks again and again until it is so; what throws meanwhile is not so yet. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await isTrue().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  assert.fail("it did not happen");
}
