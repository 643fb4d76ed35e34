/** Answers in place of Together and counts, by picture, what it has answered. */
import { createHash } from "node:crypto";

export interface CountingUpstream extends AsyncDisposable {
  /** What goes in `TOGETHER_BASE_URL`. */
  readonly baseUrl: string;
  /** Completions by the picture's SHA-256 as hex. */
  readonly completions: ReadonlyMap<string, number>;
}

export interface CountingUpstreamOptions {
  /** Pictures, by SHA-256, whose first requests fail, and how many. */
  failingFirst: ReadonlyMap<string, number>;
  delayMs: number;
}

const OAK = {
  description: "Oak with a matt finish and a straight grain.",
  family: "wood",
  type: "oak",
  finish: "matte",
  texture: "fine",
  pattern: "grain",
  colors: ["brown"],
  reflectivity: "low",
  transparency: "opaque",
  applications: ["flooring"],
  style: ["plain"],
  quality_flags: [],
  lookalikes: ["ash"],
  confidence: 0.9,
};

const ANSWER = {
  object: "chat.completion",
  model: "local/bench",
  choices: [{
    index: 0,
    finish_reason: "stop",
    message: { role: "assistant", content: JSON.stringify(OAK) },
  }],
  usage: { prompt_tokens: 1_700, completion_tokens: 12, total_tokens: 1_712 },
};

/** Starts it on a free port of 127.0.0.1. */
export function startCountingUpstream(
  { failingFirst, delayMs }: CountingUpstreamOptions,
): CountingUpstream {
  const completions = new Map<string, number>();
  const failures = new Map(failingFirst);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const picture = /"data:[^,"]+,([^"]+)"/.exec(await request.text())?.[1];
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (picture === undefined) return Response.json({ id: crypto.randomUUID(), ...ANSWER });
    const sha256 = createHash("sha256").update(picture, "base64").digest("hex");
    const left = failures.get(sha256) ?? 0;
    if (left > 0) {
      failures.set(sha256, left - 1);
      return Response.json({ error: { message: "Overloaded" } }, { status: 500 });
    }
    completions.set(sha256, (completions.get(sha256) ?? 0) + 1);
    return Response.json({ id: crypto.randomUUID(), ...ANSWER });
  });
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
    completions,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
