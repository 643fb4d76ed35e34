/** One call of the client on virtual time. */
import assert from "node:assert/strict";
import type { ChatRequest } from "../../supabase/functions/_shared/together-ai/chat-request.ts";
import {
  type AskOptions,
  createTogetherClient,
  type TogetherClientOptions,
} from "../../supabase/functions/_shared/together-ai/client.ts";
import { createSpending } from "../../supabase/functions/_shared/together-ai/spending.ts";
import { createFakeClock } from "./fake-clock.ts";
import { type Answer, createFakeTogether } from "./fake-together.ts";

/** A text that no log and no error may hold. */
export const IMAGE_BASE64 = "c2VjcmV0LXBpY3R1cmU=";

/** A key that no log and no error may hold. */
export const API_KEY = "tgp_v1_secret";

/** A question about `IMAGE_BASE64`. */
export const REQUEST: ChatRequest = {
  systemPrompt: "You describe materials.",
  userPrompt: "What is this?",
  picture: { kind: "bytes", mediaType: "image/png", base64: IMAGE_BASE64 },
  temperature: 0,
  maxTokens: 200,
};

/** Draws the longest back-off there is. */
const LONGEST = () => 0.999_999;

/** A call on virtual time, with the longest back-off that the jitter can draw. */
export async function call(answers: Answer[], {
  models = ["a/first"],
  timeoutMs = 60_000,
  signal,
  spending = createSpending(),
  callerKey,
  pictureKey,
  ...options
}: Partial<TogetherClientOptions> & Partial<AskOptions> = {}) {
  const clock = createFakeClock();
  const together = createFakeTogether(clock, ...answers);
  const client = createTogetherClient({
    apiKey: API_KEY,
    baseUrl: "https://api.together.example/v1/",
    models,
    effects: { ...clock, fetch: together.fetch, random: LONGEST },
    ...options,
  });
  const startedAt = clock.now();
  let error: unknown;
  const result = await clock.run(
    client.ask(REQUEST, { timeoutMs, signal, spending, callerKey, pictureKey }),
  )
    .catch((thrown) => {
      error = thrown;
      return null;
    });
  const { attempts } = spending;
  return { result, error, attempts, together, clock, elapsedMs: clock.now() - startedAt };
}

/** Neither in the error nor in what caused it. */
export function assertHoldsNoSecret(error: unknown) {
  for (let at = error; at instanceof Error; at = at.cause) {
    const everything = `${at.stack} ${Deno.inspect(at, { depth: 10 })} ${JSON.stringify(at)}`;
    assert.ok(!everything.includes(API_KEY), "the key is in the error");
    assert.ok(!everything.includes(IMAGE_BASE64), "the image is in the error");
  }
}
