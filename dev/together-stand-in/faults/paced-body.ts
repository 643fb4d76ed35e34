import { type Sleep, untilAborted } from "./sleep.ts";

/** What comes after the last piece: the end, a broken connection, or nothing until the client leaves. */
export type BodyEnding = "close" | "cut" | "stall";

/** How a body is sent. */
export interface PacedBodyOptions {
  /** Default `close`. */
  ending?: BodyEnding;
  /** Between pieces; null, the default, for none. */
  intervalMs?: number | null;
  /** Aborts when the server stops. */
  signal: AbortSignal;
  sleep: Sleep;
}

/** A body that is sent piece by piece as it is read; it ends when its reader leaves. */
export function createPacedBody(
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
  { ending = "close", intervalMs = null, signal, sleep }: PacedBodyOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const cancelled = new AbortController();
  const gone = AbortSignal.any([signal, cancelled.signal]);
  const iterator = Iterator.from(pieces);
  let next = iterator.next();
  let isFirst = true;
  return new ReadableStream({
    async pull(controller) {
      try {
        if (!next.done && !isFirst && intervalMs !== null) await sleep(intervalMs, gone);
        if (next.done && ending === "stall") await untilAborted(gone);
        if (gone.aborted || (next.done && ending !== "close")) {
          return controller.error(createCut());
        }
        if (!next.done) controller.enqueue(next.value);
        isFirst = false;
        next = iterator.next();
        if (next.done && ending === "close") controller.close();
      } catch (error) {
        // A cancelled stream takes no more calls.
        if (!cancelled.signal.aborted) throw error;
      }
    },
    cancel: () => cancelled.abort(),
  }, { highWaterMark: 0 });
}

/** The error with which a body breaks off. */
export function createCut(): Error {
  const error = new Error("Connection cut by a fault");
  // The server prints what breaks a body; the place in the source would only be noise.
  delete error.stack;
  return error;
}
