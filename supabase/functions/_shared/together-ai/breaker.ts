/**
 * Stops asking for what keeps failing. State is the isolate's own: it saves time and money, and nothing
 * depends on it.
 *
 * Circuits, each closed, open or half-open: one for the provider, one a model for all callers, one a
 * model and caller. No caller can open a circuit for another: a failure that may depend on the picture
 * counts for its own caller, and for all only once three callers met one with three pictures. What can't
 * depend on a picture opens the circuit for all at once.
 */

import { TogetherApiError, TogetherConnectionError, type TogetherError } from "./errors.ts";

/** Failures in a row, with as many pictures, that open a model's circuit for their caller. */
const [OWN_FAILURES, OWN_PICTURES] = [5, 3];
/** So many callers, each with a picture of its own, whose failures open a model's circuit for all. */
const ALL_CALLERS = 3;
/** After this long without another one a failure is no longer part of a run. */
const RUN_MS = 10 * 60_000;
/** Callers of whom failures are remembered; the one that failed longest ago is forgotten first. */
const MAX_OWN_CIRCUITS = 1_000;

/** How long a circuit stays open before a probe, in milliseconds. */
const OPEN_MS = 30_000;
/** A model that is gone doesn't come back soon. */
const GONE_MS = 5 * 60_000;
/** A spending limit is raised by hand. */
const SPEND_LIMIT_MS = 10 * 60_000;
/** A key or an address is corrected by hand, and then by a new worker. */
const OPERATOR_MS = 60_000;
/** A host that isn't there costs nothing to try, and may be about to start. */
const UNREACHABLE_MS = 5_000;
/** A reset this near is waited for; a farther one opens the model's circuit. */
const SHORT_RATE_LIMIT_MS = 10_000;
/** However long the provider asks to keep away from a model. */
const MAX_RATE_LIMIT_MS = 60_000;
/** Told to who comes while a probe is out. */
const PROBE_WAIT_MS = 1_000;

/** Who asks, and about what: opaque strings, compared and never read. */
export interface RequestKeys {
  callerKey: string;
  pictureKey: string;
}

/**
 * One request that the breaker lets through. It ends in exactly one of these three. One that was given
 * before a circuit opened tells of a time gone by: it changes nothing until a probe has closed it.
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

/** Asked before each attempt; the permit is told how the attempt ended. */
export interface Breaker {
  /** Gives a permit, or that of the one probe where a circuit has been open for its time. */
  admit(model: string, keys: RequestKeys): Admission;
}

interface Circuit {
  /** Epoch milliseconds; 0 when it is closed, in the past when it is half-open. */
  openUntilMs: number;
  /** The one permit that is out to try it, half-open. */
  probe: Permit | null;
  /** What opened it. */
  lastError: TogetherError | null;
  /** Failures since the last success, as far as it matters how many. */
  failures: number;
  pictures: Set<string>;
  /** Callers that failed, each with a picture that is no other's. */
  pictureOf: Map<string, string>;
  failedAtMs: number;
}

/** @param now Epoch milliseconds. */
export function createBreaker(now: () => number): Breaker {
  const provider = createCircuit();
  const models = new Map<string, Circuit>();
  /** By model and caller; in the order of their last failure. */
  const owns = new Map<string, Circuit>();

  function open(circuit: Circuit, ms: number, error: TogetherError): void {
    Object.assign(circuit, createCircuit(), { openUntilMs: now() + ms, lastError: error });
  }

  function addFailure(circuit: Circuit, { callerKey, pictureKey }: RequestKeys): void {
    if (now() - circuit.failedAtMs > RUN_MS) forgetRun(circuit);
    circuit.failedAtMs = now();
    circuit.failures++;
    if (circuit.pictures.size < OWN_PICTURES) circuit.pictures.add(pictureKey);
    const { pictureOf } = circuit;
    const isOthers = [...pictureOf.values()].includes(pictureKey);
    if (!isOthers && !pictureOf.has(callerKey)) pictureOf.set(callerKey, pictureKey);
  }

  function ownCircuit(key: string): Circuit {
    const circuit = owns.get(key) ?? createCircuit();
    owns.delete(key);
    owns.set(key, circuit);
    if (owns.size > MAX_OWN_CIRCUITS) owns.delete(owns.keys().next().value!);
    return circuit;
  }

  function createPermit(model: string, keys: RequestKeys): Permit {
    const ofAll = models.get(model)!;
    const ownKey = JSON.stringify([model, keys.callerKey]);
    /** As it was when the permit was given; one that was made since tells of a later time. */
    const own = owns.get(ownKey);

    const isProbe = (circuit: Circuit) => circuit.probe === permit;
    const mayChange = (circuit: Circuit) => circuit.openUntilMs === 0 || isProbe(circuit);
    const endProbes = () => {
      for (const circuit of [provider, ofAll, own]) {
        if (circuit?.probe === permit) circuit.probe = null;
      }
    };
    const openForAll = (circuit: Circuit, ms: number, error: TogetherError) => {
      const may = mayChange(circuit);
      endProbes();
      if (may) open(circuit, ms, error);
    };

    const permit: Permit = {
      recordSuccess() {
        for (const circuit of [provider, ofAll]) if (mayChange(circuit)) close(circuit);
        if (own && mayChange(own)) close(own);
        if (owns.get(ownKey)?.openUntilMs === 0) owns.delete(ownKey);
      },

      recordFailure(error) {
        if (error.concerns === "provider") return openForAll(provider, toProviderMs(error), error);
        if (error.concerns === "model") return openForAll(ofAll, GONE_MS, error);
        if (error instanceof TogetherApiError && error.status === 429) {
          const waitMs = Math.min(error.retryAfterMs ?? 0, MAX_RATE_LIMIT_MS);
          if (waitMs > SHORT_RATE_LIMIT_MS) return openForAll(ofAll, waitMs, error);
        }
        // A refusal of this request shows that the model is there and answers.
        if (!isFailing(error)) return permit.recordSuccess();

        const wasProbe = isProbe(ofAll) || own !== undefined && isProbe(own);
        const [mayChangeAll, mayChangeOwn] = [
          mayChange(ofAll),
          own === undefined || mayChange(own),
        ];
        endProbes();
        if (mayChangeAll) {
          addFailure(ofAll, keys);
          if (ofAll.pictureOf.size >= ALL_CALLERS) open(ofAll, OPEN_MS, error);
        }
        if (!mayChangeOwn) return;
        const circuit = ownCircuit(ownKey);
        if (own === undefined && circuit.openUntilMs > 0) return;
        addFailure(circuit, keys);
        const isRun = circuit.failures >= OWN_FAILURES && circuit.pictures.size >= OWN_PICTURES;
        // A caller whose probe failed waits, so that the next probe is another caller's.
        if (isRun || wasProbe) open(circuit, OPEN_MS, error);
      },

      release: endProbes,
    };
    return permit;
  }

  return {
    admit(model, keys) {
      const ofAll = models.get(model) ?? createCircuit();
      models.set(model, ofAll);
      const own = owns.get(JSON.stringify([model, keys.callerKey]));
      const circuits = [provider, ofAll, own].filter((circuit) => circuit !== undefined);
      for (const { openUntilMs, probe, lastError } of circuits) {
        const retryAfterMs = openUntilMs - now();
        if (retryAfterMs > 0) return { isAdmitted: false, retryAfterMs, lastError };
        // Half-open: the probe is out, and the others wait for what it finds.
        if (probe) return { isAdmitted: false, retryAfterMs: PROBE_WAIT_MS, lastError };
      }
      const permit = createPermit(model, keys);
      for (const circuit of circuits) if (circuit.openUntilMs > 0) circuit.probe = permit;
      return { isAdmitted: true, permit };
    },
  };
}

function createCircuit(): Circuit {
  return {
    openUntilMs: 0,
    probe: null,
    lastError: null,
    failures: 0,
    pictures: new Set(),
    pictureOf: new Map(),
    failedAtMs: 0,
  };
}

function close(circuit: Circuit): void {
  Object.assign(circuit, createCircuit());
}

function forgetRun(circuit: Circuit): void {
  Object.assign(circuit, { failures: 0, pictures: new Set(), pictureOf: new Map() });
}

/** The model, or what is in front of it, is at fault; or the picture, which only other pictures can tell. */
function isFailing(error: TogetherError): boolean {
  return !(error instanceof TogetherApiError) || error.kind === "operator" ||
    error.kind === "transient" && error.status !== 429;
}

function toProviderMs(error: TogetherError): number {
  if (error instanceof TogetherConnectionError) return UNREACHABLE_MS;
  return error instanceof TogetherApiError && error.status === 402 ? SPEND_LIMIT_MS : OPERATOR_MS;
}
