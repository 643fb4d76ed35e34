import type { Fault } from "./faults.ts";
import { type Sleep, untilAborted } from "./sleep.ts";

/** What a slow delivery needs. */
export interface DeliveryOptions {
  /** Aborts when the server stops. */
  signal: AbortSignal;
  sleep: Sleep;
}

/** Sends a value as JSON, properly or as the fault has it. */
export function deliver(
  value: unknown,
  fault: Fault | null,
  options: DeliveryOptions,
): Response {
  const body = new TextEncoder().encode(JSON.stringify(value));
  const isCut = fault?.kind === "cut_body" || fault?.kind === "stall_in_body";
  return new Response(fault === null ? body : toBody(fault, body, options), {
    headers: {
      "content-type": "application/json",
      ...(isCut ? { "content-length": String(body.byteLength) } : {}),
    },
  });
}

/** Delivers an encoded answer badly; the body itself is right. */
function toBody(
  fault: Fault,
  body: Uint8Array<ArrayBuffer>,
  { signal, sleep }: DeliveryOptions,
): BodyInit {
  const half = body.slice(0, Math.ceil(body.byteLength / 2));
  switch (fault.kind) {
    case "truncated_json":
      return half;
    case "cut_body":
      return createBody(signal, [half], (controller) => controller.error(createCut()));
    case "stall_in_body":
      return createBody(signal, [half], async (controller, gone) => {
        await untilAborted(gone);
        controller.error(createCut());
      });
    case "drip": {
      let sent = 0;
      return createBody(signal, [], async (controller, gone) => {
        if (sent > 0) await sleep(fault.intervalMs, gone);
        if (gone.aborted) return controller.error(createCut());
        controller.enqueue(body.slice(sent, ++sent));
        if (sent === body.byteLength) controller.close();
      });
    }
    default:
      return body;
  }
}

/** A body of some chunks and then whatever `pull` does; `gone` aborts when nobody reads any more. */
function createBody(
  signal: AbortSignal,
  chunks: Uint8Array<ArrayBuffer>[],
  pull: (
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
    gone: AbortSignal,
  ) => void | Promise<void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const cancelled = new AbortController();
  const gone = AbortSignal.any([signal, cancelled.signal]);
  return new ReadableStream({
    async pull(controller) {
      const chunk = chunks.shift();
      if (chunk !== undefined) return controller.enqueue(chunk);
      try {
        await pull(controller, gone);
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
