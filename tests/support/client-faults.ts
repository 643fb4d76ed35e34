/** Tables of faults: which attempts the client makes, how long they take, what it gives up with. */
import assert from "node:assert/strict";
import type {
  TogetherApiError,
  TogetherError,
} from "../../supabase/functions/_shared/together-ai/errors.ts";
import { assertHoldsNoSecret, call } from "./client-call.ts";
import type { Answer } from "./fake-together.ts";

/** What the provider does in turn, and what the client makes of it. */
export interface Fault {
  name: string;
  answers: Answer[];
  models?: [string, ...string[]];
  timeoutMs?: number;
  /** Model and reason of each attempt. */
  attempts: string[];
  /** Milliseconds of virtual time with the longest possible back-off. */
  elapsedMs: number;
  /** The error given up with; none where it succeeds in the end. */
  error?: abstract new (...args: never[]) => TogetherError;
  status?: number;
}

/** A chain of two models. */
export const TWO: [string, string] = ["a/first", "b/second"];

/** A chain of three models. */
export const THREE: [string, string, string] = [...TWO, "c/third"];

/** The longest waits before a first and a second retry, in milliseconds. */
export const BACKOFF = { first: 499, second: 999 };

/** A test for each. */
export function testFaults(faults: readonly Fault[]): void {
  for (const fault of faults) {
    Deno.test(`ask(): ${fault.name}`, async () => {
      const { error, attempts, clock, together, elapsedMs } = await call(fault.answers, {
        ...(fault.models && { models: fault.models }),
        ...(fault.timeoutMs && { timeoutMs: fault.timeoutMs }),
      });
      assert.deepEqual(
        attempts.map(({ model, reason }) => `${model} ${reason}`),
        fault.attempts,
      );
      assert.equal(elapsedMs, fault.elapsedMs);
      if (fault.error) {
        assert.ok(error instanceof fault.error, String(error));
        assert.equal((error as TogetherApiError).status, fault.status);
        assertHoldsNoSecret(error);
      } else {
        assert.equal(error, undefined);
      }
      assert.equal(clock.pendingTimers(), 0, "a timer was left behind");
      assert.equal(together.openBodies(), 0, "a body was left open");
    });
  }
}
