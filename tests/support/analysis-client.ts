/** A real supabase-js over a fetch that answers as told, for tests of the caller's side. */
import { createClient } from "@supabase/supabase-js";
import type { AnalysisResponseBody } from "../../supabase/functions/_shared/client/contract.ts";

/** What a function answers. */
export const ANALYSIS: AnalysisResponseBody = {
  analysis: "Oak with a matte finish.",
  confidence: null,
  model_used: "vendor/model",
  processing_time_ms: 12,
  confidence_detail: { method: "none", calibrated: false, raw: null, model: "local/pixel-analyst" },
  material: null,
  model_requested: "vendor/model",
  usage: {
    prompt_tokens: 10,
    completion_tokens: 5,
    cost_usd: 0.001,
    estimated_prompt_tokens: 12,
    estimated_cost_usd: 0.002,
  },
  cached: false,
  warnings: [],
  request_id: "request-1",
};

/** What the function answers in a test. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** A client with a project secret, and the requests that it sent. */
export function createFakeClient(answer: Answer, key = "sb_secret_default") {
  const requests: Request[] = [];
  const client = createClient("https://project.example.com", key, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: {
      fetch: async (input, init) => {
        const request = new Request(input, init);
        requests.push(request);
        return await answer(request);
      },
    },
  });
  return { client, requests };
}

/** Answers never, but for the signal of the request. */
export const neverAnswer: Answer = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** The body of a refusal. */
export function refuse(
  status: number,
  code: string,
  options: { details?: Record<string, unknown>; headers?: Record<string, string> } = {},
): Response {
  const { details, headers = {} } = options;
  const error = { code, message: `Refused with ${code}`, request_id: "request-1", details };
  return Response.json({ error }, { status, headers });
}

/** A stream of these events, as the function writes them. */
export function streamOf(...events: [event: string, data: unknown][]): Response {
  const text = events.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  return new Response(`: heartbeat\n\n${text.join("")}`, {
    headers: { "Content-Type": "text/event-stream", "X-Request-Id": "request-1" },
  });
}
