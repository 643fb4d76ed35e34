/** A server that speaks Together AI's wire and measures the picture it is sent. */

import { completeChat } from "./wire/complete-chat.ts";
import { createControl } from "./faults/control.ts";
import { deliver } from "./faults/deliver.ts";
import { toErrorBody, TogetherError } from "./wire/errors.ts";
import { type FaultInput, FaultQueue } from "./faults/faults.ts";
import { MODELS, STAND_IN_MODEL } from "./wire/models.ts";
import { readBounded } from "./wire/read-bounded.ts";
import { modelOf, RequestLog } from "./wire/request-log.ts";
import { type Sleep, sleep as sleepByTheClock } from "./faults/sleep.ts";
import { replaceAnswer, type SpoilOptions } from "./faults/spoil.ts";

/** How the stand-in behaves. */
export interface StandInOptions {
  /** Ways to misbehave, used up in order; more can be told by `PUT /__faults`. Default none. */
  faults?: readonly FaultInput[];
  /** The model name in answers. Default `local/pixel-analyst`. */
  model?: string;
  /** Default 20 MiB; more is a 413. */
  maxBodyBytes?: number;
  /** Of an image behind a URL. Default 20 MiB. */
  maxPictureBytes?: number;
  /** Of one picture. Default 50 million. */
  maxPixels?: number;
  /** For an image behind a URL. Default 10,000. */
  pictureTimeoutMs?: number;
  /** Fetches images. */
  fetch?: typeof fetch;
  /** Unix time in milliseconds. */
  now?: () => number;
  sleep?: Sleep;
  createId?: () => string;
  /** Gets a line per request: method, path, model, status, time. Never a key or image data. */
  log?: (line: string) => void;
}

/** A running stand-in; the caller owns the socket. */
export interface StandIn {
  fetch(request: Request): Promise<Response>;
  /** Ends all stalls, so that the socket can be closed. */
  stop(): void;
}

const MEBIBYTE = 1024 * 1024;

/** Makes a stand-in to be called with requests, by `Deno.serve` or directly. */
export function createStandIn(options: StandInOptions = {}): StandIn {
  const {
    maxBodyBytes = 20 * MEBIBYTE,
    now = Date.now,
    sleep = sleepByTheClock,
    createId = () => crypto.randomUUID(),
    log = () => {},
  } = options;
  const faults = new FaultQueue(options.faults);
  const requests = new RequestLog();
  const control = createControl({ faults, requests });
  const stopped = new AbortController();
  const chatOptions = {
    answerModel: options.model ?? STAND_IN_MODEL,
    maxPictureBytes: options.maxPictureBytes ?? 20 * MEBIBYTE,
    maxPixels: options.maxPixels ?? 50_000_000,
    pictureTimeoutMs: options.pictureTimeoutMs ?? 10_000,
    fetch: options.fetch ?? fetch,
    now,
  };

  return { fetch: handle, stop: () => stopped.abort() };

  async function handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/__")) return await control(request);
    const id = createId();
    const startedAtMs = now();
    const spoil: SpoilOptions = {
      id,
      model: null,
      clientSignal: () => request.signal,
      signal: stopped.signal,
      sleep,
    };
    const response = await answer(request, pathname, spoil)
      .catch((error) => toErrorResponse(error, id));
    response.headers.set("x-request-id", id);
    const { status } = response;
    log(`${request.method} ${pathname} ${spoil.model ?? "-"} ${status} ${now() - startedAtMs} ms`);
    return response;
  }

  async function answer(
    request: Request,
    pathname: string,
    spoil: SpoilOptions,
  ): Promise<Response> {
    const bytes = await readBounded(request, maxBodyBytes);
    const body = bytes === null ? undefined : parseJson(bytes);
    spoil.model = modelOf(body);
    requests.add(request, bytes?.byteLength ?? 0, body, new Date(now()));

    const route = ROUTES[`${request.method} ${pathname}`];
    if (route === undefined) {
      throw new TogetherError(404, `No route "${request.method} ${pathname}"`);
    }
    if (!/^Bearer \S/.test(request.headers.get("authorization") ?? "")) {
      throw new TogetherError(401, "Missing API key, send it as a Bearer token", {
        code: "invalid_api_key",
      });
    }
    if (bytes === null) {
      throw new TogetherError(413, `The body is larger than "${maxBodyBytes}" bytes`);
    }
    if (route === "models") return await listModels(spoil);
    if (body === undefined) throw new TogetherError(400, "The body is not valid JSON");
    return await completeChat(body, faults, { ...spoil, ...chatOptions });
  }

  async function listModels(spoil: SpoilOptions): Promise<Response> {
    const fault = faults.take({ route: "models", model: null, isStream: false });
    const replaced = fault === null ? null : await replaceAnswer(fault, spoil);
    return replaced ?? deliver(MODELS, fault, spoil);
  }
}

const ROUTES: Record<string, "chat" | "models"> = {
  "POST /v1/chat/completions": "chat",
  "GET /v1/models": "models",
};

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function toErrorResponse(error: unknown, id: string): Response {
  const known = error instanceof TogetherError
    ? error
    : new TogetherError(500, `Stand-in failed: ${error instanceof Error ? error.message : error}`);
  return Response.json(toErrorBody(known, id), { status: known.status });
}
