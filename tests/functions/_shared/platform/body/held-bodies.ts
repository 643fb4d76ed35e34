/** Bodies that hold bytes of a semaphore on a fake clock. */
import {
  type Allocation,
  type ByteSemaphore,
  type ByteSemaphoreOptions,
  createByteSemaphore,
} from "../../../../../supabase/functions/_shared/platform/body/byte-semaphore.ts";
import { createFakeClock } from "../../../../support/fake-clock.ts";

/** A semaphore of 100 bytes, unless the options say otherwise. */
export function setUp(options: Partial<ByteSemaphoreOptions> = {}) {
  const clock = createFakeClock();
  const bytes = createByteSemaphore({
    maxBytes: 100,
    now: clock.now,
    pause: clock.sleep,
    ...options,
  });
  return { clock, bytes };
}

/** A body that is held until told otherwise. */
export function open(bytes: ByteSemaphore, mostBytes: number, owner?: string) {
  const { promise, resolve: end } = Promise.withResolvers<void>();
  let allocation!: Allocation;
  const held = bytes.hold(async (own) => {
    allocation = own;
    own.expect(mostBytes);
    await promise;
  }, owner);
  return { allocation, held, end };
}

/** One that has arrived whole. */
export async function openWhole(bytes: ByteSemaphore, byteCount: number, owner?: string) {
  const body = open(bytes, byteCount, owner);
  await body.allocation.take(byteCount);
  body.allocation.complete();
  return body;
}

/** Lets every promise go on that can. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
