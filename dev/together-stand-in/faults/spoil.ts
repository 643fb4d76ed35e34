/**
 * Faults as responses: those that replace the answer and those that change what it says.
 *
 * Deno.serve cannot drop a connection without sending a status line, so `reset` sends the headers and
 * then drops it; a client that waits for the body sees a connection error.
 */

import type { Completion } from "../wire/completion.ts";
import { createDefaultError, toErrorBody, TogetherError } from "../wire/errors.ts";
import type { Fault } from "./faults.ts";
import type { LogprobsRequest, LogprobsShape } from "../answer/logprobs.ts";
import { createCut } from "./paced-body.ts";
import { type Sleep, untilAborted } from "./sleep.ts";

/** What a fault needs to know of the request that it spoils. */
export interface SpoilOptions {
  /** Of the request, for error bodies. */
  id: string;
  /** As asked for; null until the body has been read. */
  model: string | null;
  /**
   * Aborts when the client goes before the headers are sent; later it cancels the body.
   *
   * A function because Deno warns of a request's signal as soon as it is touched. Deno.serve (2.9) aborts
   * it only if the request came in one piece; a larger one waits until its delay is over or the server
   * stops.
   */
  clientSignal: () => AbortSignal;
  /** Aborts when the server stops. */
  signal: AbortSignal;
  sleep: Sleep;
}

/** The response that a fault gives in place of the answer, or null if it needs the answer. */
export async function replaceAnswer(fault: Fault, options: SpoilOptions): Promise<Response | null> {
  switch (fault.kind) {
    case "status": {
      const error = createDefaultError(fault.status);
      const hasBody = fault.status !== 204 && fault.status !== 205 && fault.status !== 304;
      const body = fault.body === undefined ? toErrorBody(error, options.id) : fault.body;
      const isText = typeof body === "string";
      return new Response(hasBody ? isText ? body : JSON.stringify(body) : null, {
        status: fault.status,
        headers: {
          "content-type": isText ? "text/plain; charset=utf-8" : "application/json",
          ...(fault.status === 429 ? RATE_LIMIT_HEADERS : {}),
          ...fault.headers,
        },
      });
    }
    case "retired":
      throw new TogetherError(
        400,
        `Unable to access model "${options.model}", it is not available as a serverless model`,
        { param: "model", code: "model_not_available" },
      );
    case "not_found":
      throw new TogetherError(404, `The model "${options.model}" does not exist`, {
        param: "model",
        code: "model_not_found",
      });
    case "delay":
      await options.sleep(fault.delayMs, endOfWaiting(options));
      return null;
    case "stall_before_headers":
      await untilAborted(endOfWaiting(options));
      // The connection is gone, so this is read only where the server was told to stop.
      throw createDefaultError(503);
    case "garbage":
      return new Response(GARBAGE, { headers: { "content-type": "application/json" } });
    case "html":
      return new Response("<!doctype html><title>Please wait</title><h1>Please wait</h1>", {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
    case "redirect":
      return new Response(null, { status: 307, headers: { location: fault.location } });
    case "reset":
      return new Response(
        new ReadableStream({ start: (controller) => controller.error(createCut()) }),
        { headers: { "content-type": "application/json", "content-length": "1024" } },
      );
    default:
      return null;
  }
}

/** Changes what a completion says. */
export function changeCompletion(fault: Fault, completion: Completion): Completion {
  switch (fault.kind) {
    case "empty_choices":
      return { ...completion, tokens: null };
    case "null_usage":
      return { ...completion, usage: null };
    case "empty_content":
      return { ...completion, tokens: [], logprobs: null };
    case "model_name":
      return { ...completion, model: fault.answerModel };
    case "finish_reason":
      return { ...completion, finishReason: fault.finishReason };
    case "content":
      return { ...completion, finishReason: fault.finishReason ?? completion.finishReason };
    case "stream_no_done":
      return { ...completion, finishReason: null, usage: null };
    case "logprobs":
      return { ...completion, logprobs: reshape(completion.logprobs, fault.shape) };
    default:
      return completion;
  }
}

function reshape(
  logprobs: LogprobsRequest | null,
  shape: LogprobsShape | "absent",
): LogprobsRequest | null {
  return logprobs === null || shape === "absent" ? null : { ...logprobs, shape };
}

function endOfWaiting({ clientSignal, signal }: SpoilOptions): AbortSignal {
  return AbortSignal.any([clientSignal(), signal]);
}

const RATE_LIMIT_HEADERS = {
  "x-ratelimit-limit": "1",
  "x-ratelimit-remaining": "0",
  "x-ratelimit-reset": "1",
};

/** Bytes that are neither JSON nor UTF-8; the same each time. */
const GARBAGE = Uint8Array.from({ length: 256 }, (_, index) => (index * 167 + 0x9d) & 0xff);
