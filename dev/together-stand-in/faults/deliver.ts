import { join, toNetworkPieces } from "../wire/event-stream.ts";
import type { Fault } from "./faults.ts";
import { createPacedBody } from "./paced-body.ts";
import type { Sleep } from "./sleep.ts";
import { toEventStream } from "./spoil-stream.ts";

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
  return new Response(spoilBody(fault, body, options) ?? body, {
    headers: {
      "content-type": "application/json",
      ...(isCut ? { "content-length": String(body.byteLength) } : {}),
    },
  });
}

/** Sends values as events, the last of them `[DONE]`, properly or as the fault has it. */
export function deliverStream(
  values: readonly unknown[],
  fault: Fault | null,
  options: DeliveryOptions,
): Response {
  const data = [...values.map((value) => JSON.stringify(value)), "[DONE]"];
  const { events, ending, intervalMs } = toEventStream(data, fault);
  const pieces = toNetworkPieces(events);
  const body = spoilBody(fault, join(...pieces), options) ??
    createPacedBody(pieces, { ...options, ending, intervalMs });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
  });
}

/** Delivers an encoded answer badly, the body itself is right; null if the fault is another. */
function spoilBody(
  fault: Fault | null,
  body: Uint8Array<ArrayBuffer>,
  options: DeliveryOptions,
): BodyInit | null {
  const half = body.slice(0, Math.ceil(body.byteLength / 2));
  switch (fault?.kind) {
    case "truncated_json":
      return half;
    case "cut_body":
      return createPacedBody([half], { ...options, ending: "cut" });
    case "stall_in_body":
      return createPacedBody([half], { ...options, ending: "stall" });
    case "drip":
      return createPacedBody(body.values().map((byte) => Uint8Array.of(byte)), {
        ...options,
        intervalMs: fault.intervalMs,
      });
    default:
      return null;
  }
}
