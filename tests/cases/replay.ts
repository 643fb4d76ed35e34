/** Replays a case on virtual time: everything real but the caller, the database and the provider. */
import assert from "node:assert/strict";
import { createFunction } from "../support/function.ts";
import { type Case, check, readAnswer, TINY_PICTURE } from "./case.ts";
import { type Call, type Reply, toResponse } from "./fake-provider.ts";

/** What came of a replay. */
export interface Replay {
  answer: Awaited<ReturnType<typeof readAnswer>>;
  calls: Call[];
  spentUsd: number;
  /** Seconds for which the answer is kept. */
  ttlSeconds: number;
  ceilingNanoUsd: number;
  spentNanoUsd: number;
}

/** Sends the request, with a tiny picture unless it has one, and waits until it is settled. */
export async function replay(
  request: Case["request"],
  replies: readonly Reply[],
  variables: Record<string, string> = {},
): Promise<Replay> {
  const { post, together, limiter, clock } = createFunction({
    answers: replies.map((reply) => () => toResponse(reply)),
    variables,
  });
  const response = await post({ image_data: TINY_PICTURE, ...request });
  const answer = await clock.run(readAnswer(response));
  const [settlement] = limiter.settled;
  const spentNanoUsd = settlement?.actualNanoUsd ?? 0;
  return {
    answer,
    calls: together.requests.map(({ body }) => ({ model: body.model, body })),
    spentUsd: spentNanoUsd / 1e9,
    spentNanoUsd,
    ceilingNanoUsd: limiter.reserved[0]?.ceilingNanoUsd ?? 0,
    ttlSeconds: settlement?.answer?.ttlSeconds ?? 0,
  };
}

/** Replays a case, and fails where it doesn't come to what it wants. */
export async function assertCase(
  { request, replies, want }: Pick<Case, "request" | "replies" | "want">,
  variables?: Record<string, string>,
): Promise<Replay> {
  const replayed = await replay(request, replies, variables);
  const { answer, calls, spentUsd, spentNanoUsd, ceilingNanoUsd, ttlSeconds } = replayed;
  check(want, answer, calls);
  const told = JSON.stringify(answer);
  assert.ok(spentNanoUsd <= ceilingNanoUsd, `spent more than the ceiling; ${told}`);
  if (want.minSpentUsd !== undefined) assert.ok(spentUsd >= want.minSpentUsd, `$${spentUsd}`);
  if (want.maxSpentUsd !== undefined) assert.ok(spentUsd <= want.maxSpentUsd, `$${spentUsd}`);
  if (want.kept !== undefined) assert.equal(ttlSeconds > 0, want.kept, `kept; ${told}`);
  return replayed;
}
