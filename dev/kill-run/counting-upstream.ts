/** The Together stand-in, with a count in front of it of what it has answered about which picture. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
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
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { url, method, headers } = request;
    const body = await request.text();
    const picture = /"data:[^,"]+,([^"]+)"/.exec(body)?.[1];
    const sha256 = picture === undefined
      ? ""
      : createHash("sha256").update(Buffer.from(picture, "base64")).digest("hex");
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (deadly.has(sha256)) {
      await onDeadly();
      return new Response(null, { status: 500 });
    }
    const left = failures.get(sha256) ?? 0;
    if (left > 0) {
      failures.set(sha256, left - 1);
      return Response.json({ error: { message: "Overloaded" } }, { status: 500 });
    }
    const response = await standIn.fetch(
      new Request(url, { method, headers, ...(method === "POST" && { body }) }),
    );
    if (response.ok && picture !== undefined) {
      completions.set(sha256, (completions.get(sha256) ?? 0) + 1);
    }
    return response;
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
