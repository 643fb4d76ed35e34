/** An endpoint to call without a socket. */
import {
  createEndpoint,
  type EndpointOptions,
  type Handle,
} from "../../../../../supabase/functions/_shared/platform/http/endpoint.ts";
import { createLog } from "../../../../../supabase/functions/_shared/platform/log.ts";

/** An endpoint with a clock that only `pass` moves, and the lines that it logs. */
export function createTestEndpoint(handle: Handle, options: Partial<EndpointOptions> = {}) {
  const entries: Record<string, unknown>[] = [];
  let requestCount = 0;
  let nowMs = 0;
  const endpoint = createEndpoint({
    name: "test-function",
    handle,
    allowedOrigins: "*",
    methods: "POST, OPTIONS",
    log: createLog((_level, line) => entries.push(JSON.parse(line))),
    now: () => nowMs,
    createRequestId: () => `request-${++requestCount}`,
    ...options,
  });
  const call = (init: RequestInit = {}) => endpoint(new Request("https://example.com/", init));
  return { call, endpoint, entries, pass: (ms: number) => void (nowMs += ms) };
}

/** A handler that answers. */
export const ok: Handle = () => Promise.resolve(Response.json({ ok: true }));

/** A handler that throws. */
export const throwing = (thrown: unknown): Handle => () => Promise.reject(thrown);
