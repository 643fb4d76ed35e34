/**
 * Bounds the memory that the bodies of parallel requests take in one isolate. Who finds no room waits
 * for a moment, first come first served, and is then told to try again: a refusal is cheaper than a
 * worker that is killed with everything it was doing.
 */

import { ApiError } from "../http/api-error.ts";
import { pause } from "../http/pause.ts";

/** The room that one request holds. */
export interface Room {
  /** Gives back what turned out not to be needed. More than is held changes nothing. */
  shrinkTo(byteCount: number): void;
  /** Holds the room beyond the end of `use`, until this settles as well. */
  keepUntil(settled: Promise<unknown>): void;
  /** Runs this when the room is given back, just before it is anybody else's. */
  atTheEnd(release: () => void): void;
}

export interface BytesInFlight {
  /**
   * Runs `use` while it holds room for this many bytes. The room is given back when the promise
   * settles, however it settles; nobody has to remember to. More than there is in all, or for
   * the owner, counts as all of it, so that nobody waits for ever.
   *
   * @param owner Who may hold no more than `maxBytesPerOwner`; nobody where it is left out.
   * @throws {ApiError} OVERLOADED when there was no room within the waiting time, `use` not called.
   */
  hold<T>(byteCount: number, use: (room: Room) => Promise<T>, owner?: string): Promise<T>;
  /** Bytes held now. */
  heldBytes(): number;
}

export interface BytesInFlightOptions {
  /** Bytes that may be held at a time. */
  maxBytes: number;
  /**
   * Bytes of them that one owner may hold, so that nobody shuts out all others by sending large bodies
   * slowly. Default `maxBytes`.
   */
  maxBytesPerOwner?: number;
  /** How long a request waits for room. Default 300. */
  maxWaitMs?: number;
  /** Resolves after `ms`, or when the signal aborts. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Somebody who waits. */
interface Waiting {
  byteCount: number;
  owner: string | undefined;
  isAdmitted: boolean;
  admit: () => void;
}

/** @throws {RangeError} when `maxBytes` is no positive number. */
export function createBytesInFlight(options: BytesInFlightOptions): BytesInFlight {
  const { maxBytes, maxBytesPerOwner = maxBytes, maxWaitMs = 300, sleep = pause } = options;
  if (!(maxBytes > 0)) {
    throw new RangeError(`Cannot bound the bytes in flight: maxBytes is "${maxBytes}"`);
  }
  let heldBytes = 0;
  const heldByOwner = new Map<string, number>();
  const queue = new Set<Waiting>();

  const heldBy = (owner: string | undefined) => owner ? heldByOwner.get(owner) ?? 0 : 0;

  function add(byteCount: number, owner: string | undefined): void {
    heldBytes += byteCount;
    if (owner === undefined) return;
    const ownBytes = heldBy(owner) + byteCount;
    if (ownBytes > 0) heldByOwner.set(owner, ownBytes);
    else heldByOwner.delete(owner);
  }

  function admitWaiting(): void {
    // A small one does not overtake a large one, which would then never find its room.
    for (const next of queue) {
      // Who waits for room of its own holds nobody else up.
      if (next.owner && heldBy(next.owner) + next.byteCount > maxBytesPerOwner) continue;
      if (heldBytes + next.byteCount > maxBytes) return;
      queue.delete(next);
      add(next.byteCount, next.owner);
      next.isAdmitted = true;
      next.admit();
    }
  }

  async function takeRoom(byteCount: number, owner: string | undefined): Promise<void> {
    const { promise: admitted, resolve: admit } = Promise.withResolvers<void>();
    const own: Waiting = { byteCount, owner, isAdmitted: false, admit };
    queue.add(own);
    admitWaiting();
    if (own.isAdmitted) return;
    const timer = new AbortController();
    const timeIsUp = async () => await sleep(maxWaitMs, timer.signal);
    // A clock that fails must not keep the room from being counted as taken, or not.
    await Promise.race([admitted, timeIsUp().catch(() => {})]);
    timer.abort();
    // Whoever was admitted in the very moment its time ran out has the room and goes on.
    if (own.isAdmitted) return;
    queue.delete(own);
    // Those behind may fit where this one did not.
    admitWaiting();
    throw overloaded();
  }

  return {
    async hold(byteCount, use, owner) {
      const mostBytes = owner === undefined ? maxBytes : maxBytesPerOwner;
      let ownBytes = byteCount >= 0 ? Math.min(byteCount, mostBytes) : mostBytes;
      await takeRoom(ownBytes, owner);
      const shrinkTo = (newCount: number) => {
        if (!(newCount >= 0 && newCount < ownBytes)) return;
        add(newCount - ownBytes, owner);
        ownBytes = newCount;
        admitWaiting();
      };
      const kept: Promise<unknown>[] = [];
      const releases: (() => void)[] = [];
      const giveBack = () => {
        for (const release of releases) release();
        shrinkTo(0);
      };
      try {
        return await use({
          shrinkTo,
          keepUntil: (settled) => void kept.push(settled),
          atTheEnd: (release) => void releases.push(release),
        });
      } finally {
        if (kept.length === 0) giveBack();
        else Promise.allSettled(kept).then(giveBack);
      }
    },
    heldBytes: () => heldBytes,
  };
}

function overloaded(): ApiError {
  return new ApiError("OVERLOADED", "Too many large requests are being served at once; try again");
}
