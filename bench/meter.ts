/** What a server's process takes for requests. */
import type { Served } from "./functions.ts";
import { readCpuMs, readMemory, resetPeakMemory } from "./process-usage.ts";
import { sendOk, type Sent } from "./requests.ts";

/** Waited before memory is read, so that what was before is at its end. */
export const SETTLE_MS = 500;

/** Sends requests to one server and tells what they took. */
export interface Meter {
  sendMany(count: number, what: Sent): Promise<void>;
  /** CPU a request. */
  measureCpuMs(count: number, what: Sent): Promise<number>;
  /** The peak during one request above what was held before. */
  measureMemoryMib(what: Sent): Promise<number>;
}

/** @param token of a user, sent with each request */
export function createMeter({ url, pid }: Served, token: string): Meter {
  const sendMany = async (count: number, what: Sent) => {
    for (let i = 0; i < count; i++) await sendOk(url, token, what);
  };
  return {
    sendMany,
    async measureCpuMs(count, what) {
      const before = await readCpuMs(pid);
      await sendMany(count, what);
      return (await readCpuMs(pid) - before) / count;
    },
    async measureMemoryMib(what) {
      await sleep(SETTLE_MS);
      const { nowMib } = await readMemory(pid);
      await resetPeakMemory(pid);
      await sendMany(1, what);
      const { peakMib } = await readMemory(pid);
      return peakMib - nowMib;
    },
  };
}

/** Resolves after this time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
