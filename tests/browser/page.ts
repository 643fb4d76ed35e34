/** Runs in the browser: what a frontend does, with its results as plain objects for the test. */
import { createClient } from "@supabase/supabase-js";
import { analysePicture } from "../../supabase/functions/_shared/client/analyse-picture.ts";
import { SemanticAnalysisError } from "../../supabase/functions/_shared/client/errors.ts";
import { streamAnalysis } from "../../supabase/functions/_shared/client/stream-analysis.ts";

/** Whose frontend it is. */
export interface Session {
  apiUrl: string;
  publishableKey: string;
  token: string;
}

/** What the page offers the test. */
export interface PageApi {
  analyse(session: Session, image: string, options?: { abortAfterMs?: number }): Promise<unknown>;
  stream(session: Session, image: string): Promise<unknown>;
}

function createFrontendClient({ apiUrl, publishableKey, token }: Session) {
  return createClient(apiUrl, publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers: { Authorization: `Bearer ${token}` } },
  });
}

function toPlain(error: unknown): unknown {
  if (!(error instanceof SemanticAnalysisError)) return { foreign: String(error) };
  const { status, code, requestId, retryAfterMs, details } = error;
  const headers = error.headers && Object.fromEntries(error.headers);
  return { status, code, requestId, retryAfterMs, details, headers };
}

const api: PageApi = {
  async analyse(session, image, { abortAfterMs } = {}) {
    const controller = new AbortController();
    if (abortAfterMs === 0) controller.abort();
    else if (abortAfterMs) setTimeout(() => controller.abort(), abortAfterMs);
    let headers = {};
    try {
      const answer = await analysePicture(createFrontendClient(session), { image_data: image }, {
        signal: controller.signal,
        timeoutMs: 30_000,
        requestId: "from-the-browser",
        traceHeaders: { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" },
        onHeaders: (answered) => headers = Object.fromEntries(answered),
      });
      return { answer, headers };
    } catch (error) {
      return { error: toPlain(error) };
    }
  },
  async stream(session, image) {
    const texts: string[] = [];
    try {
      const request = { image_data: image };
      for await (const event of streamAnalysis(createFrontendClient(session), request)) {
        if (event.type === "result") return { texts, answer: event.result };
        texts.push(event.text);
      }
      return { texts };
    } catch (error) {
      return { texts, error: toPlain(error) };
    }
  },
};

Object.assign(globalThis, { api });
