/**
 * Bounds the memory that the bodies of parallel requests take in one worker: a semaphore that counts
 * bytes. A request takes them as they arrive, never what it announces, and gives them back at its end.
 *
 * - **Order.** The older request goes first: a younger one takes only what is left when all older ones
 *   that arrive promptly have got what they may still need. So a body that has begun can be finished, and
 *   a small one doesn't overtake a large one. A body that stops coming loses that claim within a tenth of
 *   a second, so that an announcement alone keeps nothing from the others.
 * - **Waiting.** A request that finds no room waits for a moment and is then told to try again: a refusal
 *   is cheaper than a worker that is killed with everything it was doing.
 * - **Ending.** While a request waits, bodies that have become slow are ended: `signal` aborts, the
 *   reader stops and frees what it has read, and the bytes are given back when `use` has settled.
 */

import { ApiError } from "../http/api-error.ts";
import { type Pause, pause as pauseByTimer } from "../http/pause.ts";
import { freeMemory } from "./freed-memory.ts";
import { createPace, type Pace } from "./pace.ts";

/** What one request holds of the semaphore's bytes. */
export interface Allocation {
  /** Says how many bytes may arrive at most. Until then nothing is kept free for them. */
  expect(byteCount: number): void;
  /**
   * Takes bytes that have arrived.
   *
   * @returns a promise where they have to wait, else nothing.
   * @throws {ApiError} OVERLOADED, by the promise, when there is no room within the waiting time.
   */
  take(byteCount: number): Promise<void> | undefined;
  /** Says that nothing more will arrive. */
  complete(): void;
  /** Frees this memory at the end, just before the bytes are given back. */
  own(memory: Uint8Array<ArrayBuffer>): void;
  /** Holds everything beyond the end of `use`, until this settles as well. */
  keepUntil(settled: Promise<unknown>): void;
  /** Aborts when the body is too slow while another request waits. */
  readonly signal: AbortSignal;
}

/** Hands out allocations; see above for who gets one first. */
export interface ByteSemaphore {
  /**
   * Runs `use` with an allocation of its own. Its bytes are given back when the promise settles, however
   * it settles.
   *
   * @param owner Who may hold no more than `maxBytesPerOwner`; without one, the whole is the only bound.
   */
  hold<T>(use: (allocation: Allocation) => Promise<T>, owner?: string): Promise<T>;
  /** Bytes held now. */
  heldBytes(): number;
}

/** The bounds, how long a request waits, and by which clock. */
export interface ByteSemaphoreOptions {
  /** Bytes that may be held at a time. A body that is larger counts as all of them. */
  maxBytes: number;
  /** Bytes of them that one owner may hold. Default `maxBytes`. */
  maxBytesPerOwner?: number;
  /** How long a request waits for room. Default 300. */
  maxWaitMs?: number;
  /** Milliseconds on a monotonic clock. Default `performance.now`. */
  now?: () => number;
  pause?: Pause;
}

/** A body that is slower is ended as soon as another request waits. */
const SLOW = { bytesPerSecond: 8 * 1024, graceMs: 5_000 };

/** For a body that is slower, or stops, nothing is kept free. */
const PROMPT = { bytesPerSecond: 1024 * 1024, graceMs: 100 };

/** Nothing tells when a body ceases to be prompt, so a request that waits looks again after this. */
const LOOK_AGAIN_MS = 50;

interface Body {
  owner: string | undefined;
  heldBytes: number;
  /** What it may come to. */
  mostBytes: number;
  isArriving: boolean;
  slowPace: Pace;
  promptPace: Pace;
  /** Set while it waits. */
  waiting: { byteCount: number; admit: () => void } | null;
  ending: AbortController;
  /** Memory to free before the bytes are given back. */
  owned: Uint8Array<ArrayBuffer>[];
  /** What has to settle before that, beside `use`. */
  kept: Promise<unknown>[];
}

/** @throws {RangeError} when `maxBytes` is no positive number. */
export function createByteSemaphore(options: ByteSemaphoreOptions): ByteSemaphore {
  const {
    maxBytes,
    maxBytesPerOwner = maxBytes,
    maxWaitMs = 300,
    now = () => performance.now(),
    pause = pauseByTimer,
  } = options;
  if (!(maxBytes > 0)) {
    throw new RangeError(`Cannot bound the bytes in flight: maxBytes is "${maxBytes}"`);
  }
  /** The oldest first. */
  const bodies = new Set<Body>();
  let heldBytes = 0;
  const heldByOwner = new Map<string, number>();

  const toCapacity = (owner: string | undefined) =>
    owner === undefined ? maxBytes : Math.min(maxBytes, maxBytesPerOwner);

  function add(body: Body, byteCount: number): void {
    body.heldBytes += byteCount;
    heldBytes += byteCount;
    if (body.owner === undefined) return;
    const ownBytes = (heldByOwner.get(body.owner) ?? 0) + byteCount;
    if (ownBytes > 0) heldByOwner.set(body.owner, ownBytes);
    else heldByOwner.delete(body.owner);
  }

  /** Whether so many bytes more leave enough for the older bodies that arrive promptly. */
  function fits(body: Body, byteCount: number): boolean {
    const nowMs = now();
    let freeBytes = maxBytes - heldBytes;
    const neededByOwner = new Map<string, number>();
    const toOwnFree = (owner: string | undefined) =>
      owner === undefined ? Infinity : toCapacity(owner) - (heldByOwner.get(owner) ?? 0) -
        (neededByOwner.get(owner) ?? 0);
    for (const older of bodies) {
      if (older === body) break;
      const { owner } = older;
      const isPrompt = older.waiting !== null || older.promptPace.isKept(nowMs);
      if (!older.isArriving || !isPrompt) continue;
      // An owner's share is all that its bodies can take: one that waits for that holds up no other owner.
      const neededBytes = Math.min(
        Math.max(0, older.mostBytes - older.heldBytes),
        toOwnFree(owner),
      );
      freeBytes -= neededBytes;
      if (owner) neededByOwner.set(owner, (neededByOwner.get(owner) ?? 0) + neededBytes);
    }
    return byteCount <= freeBytes && byteCount <= toOwnFree(body.owner);
  }

  function admitWaiting(): void {
    for (const body of bodies) {
      const { waiting } = body;
      if (waiting === null || !fits(body, waiting.byteCount)) continue;
      body.waiting = null;
      add(body, waiting.byteCount);
      waiting.admit();
    }
  }

  function endSlow(): void {
    const nowMs = now();
    for (const { isArriving, waiting, slowPace, ending } of bodies) {
      const isSlow = isArriving && waiting === null && !slowPace.isKept(nowMs);
      // With no reason given, it would be an exception that gathers its stack.
      if (isSlow) ending.abort("slow");
    }
  }

  async function waitFor(body: Body, byteCount: number): Promise<void> {
    const timer = new AbortController();
    body.waiting = { byteCount, admit: () => timer.abort("admitted") };
    const startMs = now();
    while (body.waiting !== null) {
      endSlow();
      const leftMs = startMs + maxWaitMs - now();
      if (leftMs <= 0) break;
      // A given `pause` may reject when its signal aborts.
      await pause(Math.min(leftMs, LOOK_AGAIN_MS), timer.signal).catch(() => {});
      admitWaiting();
    }
    const isAdmitted = body.waiting === null;
    body.waiting = null;
    // The sender could not send while the body waited for memory.
    body.slowPace.restart(now());
    body.promptPace.restart(now());
    if (isAdmitted) return;
    // The requests behind it may fit where this one did not.
    body.isArriving = false;
    admitWaiting();
    throw overloaded();
  }

  function createAllocation(body: Body): Allocation {
    const capacity = toCapacity(body.owner);
    return {
      expect: (byteCount: number) => void (body.mostBytes = Math.min(byteCount, capacity)),
      take(byteCount: number) {
        const takenBytes = Math.min(byteCount, capacity - body.heldBytes);
        const nowMs = now();
        body.slowPace.add(byteCount, nowMs);
        body.promptPace.add(byteCount, nowMs);
        if (!fits(body, takenBytes)) return waitFor(body, takenBytes);
        add(body, takenBytes);
        return undefined;
      },
      complete() {
        body.isArriving = false;
        admitWaiting();
      },
      own: (memory: Uint8Array<ArrayBuffer>) => void body.owned.push(memory),
      keepUntil: (settled: Promise<unknown>) => void body.kept.push(settled),
      signal: body.ending.signal,
    };
  }

  return {
    async hold(use, owner) {
      const body: Body = {
        owner,
        heldBytes: 0,
        mostBytes: 0,
        isArriving: true,
        slowPace: createPace({ ...SLOW, startMs: now() }),
        promptPace: createPace({ ...PROMPT, startMs: null }),
        waiting: null,
        ending: new AbortController(),
        owned: [],
        kept: [],
      };
      bodies.add(body);
      const giveBack = () => {
        for (const memory of body.owned) freeMemory(memory);
        bodies.delete(body);
        add(body, -body.heldBytes);
        admitWaiting();
      };
      try {
        return await use(createAllocation(body));
      } finally {
        body.isArriving = false;
        if (body.kept.length === 0) giveBack();
        else Promise.allSettled(body.kept).then(giveBack);
      }
    },
    heldBytes: () => heldBytes,
  };
}

function overloaded(): ApiError {
  return new ApiError("OVERLOADED", "Too many large requests are being served at once; try again");
}
