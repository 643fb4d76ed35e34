/**
 * Counts what it has answered about which picture. The answer is the Together stand-in's to the first of
 * them: looking at each would keep the cores busy that the run is measured on.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { pause } from "../../supabase/functions/_shared/platform/http/pause.ts";
import { createStandIn } from "../together-stand-in/server.ts";

/** A running stand-in, and what it answered. Disposing it ends it. */
export interface CountingUpstream extends AsyncDisposable {
  /** What goes in `TOGETHER_BASE_URL`. */
  readonly baseUrl: string;
  /** Completions by the picture's SHA-256 as hex. */
  readonly completions: ReadonlyMap<string, number>;
}

/** How slow it is, and which pictures end the worker that asks. */
export interface CountingUpstreamOptions {
  /** Pictures, by SHA-256, whose first requests fail, and how many. */
  failingFirst: ReadonlyMap<string, number>;
  /** Pictures, by SHA-256, that end the worker that asks about them. */
  deadly: ReadonlySet<string>;
  /** Ends that worker. */
  onDeadly: () => Promise<void>;
  /** Before an answer is begun. */
  delayMs: number;
}

/** Starts it on a free port of 127.0.0.1. */
export function startCountingUpstream(
  { failingFirst, deadly, onDeadly, delayMs }: CountingUpstreamOptions,
): CountingUpstream {
  const completions = new Map<string, number>();
  const failures = new Map(failingFirst);
  const standIn = createStandIn();
  let answer: Promise<string> | undefined;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { url, method, headers } = request;
    const body = await request.text();
    const picture = /"data:[^,"]+,([^"]+)"/.exec(body)?.[1];
    const sha256 = picture === undefined
      ? ""
      : createHash("sha256").update(Buffer.from(picture, "base64")).digest("hex");
    await pause(delayMs);
    if (deadly.has(sha256)) {
      await onDeadly();
      return new Response(null, { status: 500 });
    }
    const left = failures.get(sha256) ?? 0;
    if (left > 0) {
      failures.set(sha256, left - 1);
      return Response.json({ error: { message: "Overloaded" } }, { status: 500 });
    }
    const ask = () =>
      standIn.fetch(new Request(url, { method, headers, ...(method === "POST" && { body }) }));
    if (picture === undefined) return await ask();
    answer ??= ask().then((response) => response.text());
    completions.set(sha256, (completions.get(sha256) ?? 0) + 1);
    return new Response(await answer, { headers: { "Content-Type": "application/json" } });
  });
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
    completions,
    async [Symbol.asyncDispose]() {
      standIn.stop();
      await server.shutdown();
    },
  };
}
