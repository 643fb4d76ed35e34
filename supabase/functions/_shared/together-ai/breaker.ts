/**
 * Stops asking for what keeps failing. One circuit a model, closed, open or half-open, and one for
 * the account. State is the isolate's own: it saves time and money, and nothing depends on it.
 */

import { TogetherApiError, type TogetherError } from "./errors.ts";

/** Failures in a row that open a model's circuit. */
const FAILURE_THRESHOLD = 5;
/** How long it stays open before one request may try, in milliseconds. */
const OPEN_MS = 30_000;
/** A model that is gone doesn't come back soon. */
const GONE_MS = 5 * 60_000;
/** A spending limit is raised by hand. */
const SPEND_LIMIT_MS = 10 * 60_000;
/** A reset this near is waited for; a farther one closes the model to everybody behind this key. */
const SHORT_RATE_LIMIT_MS = 10_000;
/** However long Together asks us to keep away from a model. */
const MAX_RATE_LIMIT_MS = 60_000;

interface Circuit {
  failures: number;
  /** Epoch milliseconds; 0 when it is closed, in the past when it is half-open. */
  openUntilMs: number;
  /** The one request that is out to try it, half-open. */
  probe: Permit | null;
  /** What opened it. */
  lastError: TogetherError | null;
}

/**
 * An admitted request, which ends in exactly one of these three. One that was admitted before a circuit
 * opened tells of a time gone by: nothing of it changes that circuit until a probe has closed it.
 */
export interface Permit {
  recordSuccess(): void;
  recordFailure(error: TogetherError): void;
  /** It ended for a reason that says nothing about the model, such as the caller's abort. */
  release(): void;
}

/** Whether a model may be asked now. */
export type Admission =
  | { isAdmitted: true; permit: Permit }
  | { isAdmitted: false; retryAfterMs: number; lastError: TogetherError | null };

export interface Breaker {
  /** Admits a request, or one probe where the circuit has been open for its time. */
  admit(model: string): Admission;
}

/** @param now Epoch milliseconds. */
export function createBreaker(now: () => number): Breaker {
  const circuits = new Map<string, Circuit>();
  const account: Circuit = createCircuit();

  function circuitOf(model: string): Circuit {
    const circuit = circuits.get(model) ?? createCircuit();
    circuits.set(model, circuit);
    return circuit;
  }

  function open(circuit: Circuit, ms: number, error: TogetherError): void {
    circuit.openUntilMs = now() + ms;
    circuit.probe = null;
    circuit.lastError = error;
  }

  function createPermit(circuit: Circuit): Permit {
    const mayChange = (each: Circuit) => each.openUntilMs === 0 || each.probe === permit;

    const endProbe = (each: Circuit) => {
      if (each.probe === permit) each.probe = null;
    };

    const permit: Permit = {
      recordSuccess() {
        for (const each of [account, circuit]) if (mayChange(each)) close(each);
      },

      recordFailure(error) {
        if (error instanceof TogetherApiError && error.status === 402) {
          endProbe(circuit);
          if (mayChange(account)) open(account, SPEND_LIMIT_MS, error);
          return;
        }
        endProbe(account);
        if (!mayChange(circuit)) return;
        if (error instanceof TogetherApiError && error.isModelUnavailable) {
          return open(circuit, GONE_MS, error);
        }
        if (error instanceof TogetherApiError && error.status === 429) {
          const waitMs = Math.min(error.retryAfterMs ?? 0, MAX_RATE_LIMIT_MS);
          return waitMs > SHORT_RATE_LIMIT_MS ? open(circuit, waitMs, error) : close(circuit);
        }
        if (!countsAsFailure(error)) return close(circuit);
        circuit.failures++;
        const isProbe = circuit.probe === permit;
        if (isProbe || circuit.failures >= FAILURE_THRESHOLD) open(circuit, OPEN_MS, error);
      },

      release() {
        endProbe(account);
        endProbe(circuit);
      },
    };
    return permit;
  }

  return {
    admit(model) {
      const circuit = circuitOf(model);
      for (const each of [account, circuit]) {
        const retryAfterMs = each.openUntilMs - now();
        if (retryAfterMs > 0) return { isAdmitted: false, retryAfterMs, lastError: each.lastError };
        // Half-open: the probe is out, and the others wait for what it finds.
        if (each.probe) {
          return { isAdmitted: false, retryAfterMs: 1_000, lastError: each.lastError };
        }
      }
      const permit = createPermit(circuit);
      for (const each of [account, circuit]) if (each.openUntilMs > 0) each.probe = permit;
      return { isAdmitted: true, permit };
    },
  };
}

function close(circuit: Circuit): void {
  Object.assign(circuit, createCircuit());
}

/** A refusal of this request (400, 413, 422 …) shows that the model is there and answers. */
function countsAsFailure(error: TogetherError): boolean {
  return !(error instanceof TogetherApiError) || error.status >= 500 || error.status === 408;
}

function createCircuit(): Circuit {
  return { failures: 0, openUntilMs: 0, probe: null, lastError: null };
}
