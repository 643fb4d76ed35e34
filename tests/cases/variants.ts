/** Tests of what a model says, plain and streamed in pieces of several sizes. */
import type { Want } from "./case.ts";
import { assertCase } from "./replay.ts";
import type { Reply } from "./fake-provider.ts";
import { JSON_TEXT, type ReplyOptions, streamed, whole } from "./replies.ts";

/** The three ways to ask: for prose, with a caller's own prompt, for structure. */
export const PROSE = { analysis_type: "general_description" };

/** A request with the caller's own prompt. */
export const OWN = { prompt: "What is it?", options: { max_tokens: 200 } };

/** A request for structured properties. */
export const STRUCTURE = {};

/** What a model says, and what it has to come to. */
export interface Variant {
  name: string;
  /** What the model says, one after another. */
  texts: string[];
  want: Want;
  /** Where a stream comes to something else. */
  wantStreamed?: Want;
  reply?: ReplyOptions;
}

/** The same request, streamed. */
export const asStream = (request: Record<string, unknown>) => ({
  ...request,
  options: { ...request.options as object, stream: true },
});

/** Tests each variant whole and as a stream of small, middling and large pieces. */
export function test(kind: string, request: Record<string, unknown>, variants: Variant[]): void {
  for (const { name, texts, want, wantStreamed = want, reply } of variants) {
    Deno.test(`${kind}: ${name}`, async () => {
      const replies = texts.map((text) => whole(text, reply));
      await assertCase({ request, replies, want });
    });
    for (const size of [1, 7, 10_000]) {
      Deno.test(`${kind}, streamed in ${size}: ${name}`, async () => {
        const replies = texts.map((text) => streamed(text, { ...reply, size }));
        await assertCase({ request: asStream(request), replies, want: wantStreamed });
      });
    }
  }
}

/** Prose about a wall. */
export const WALL = "A wall of red bricks.";

/** Each way to ask, and a good answer to it. */
export const REQUESTS = [["structure", STRUCTURE, JSON_TEXT], ["prose", PROSE, WALL], [
  "own prompt",
  OWN,
  WALL,
]] as const;

/** The same replies and the same end, for each way to ask, plain and streamed. */
export function testAll(
  name: string,
  toReplies: (good: Reply) => Reply[],
  want: Want,
  variables?: Record<string, string>,
): void {
  for (const [how, request, text] of REQUESTS) {
    Deno.test(`${name}, ${how}`, async () => {
      await assertCase({ request, replies: toReplies(whole(text)), want }, variables);
    });
    Deno.test(`${name}, ${how}, streamed`, async () => {
      const { status, ...rest } = want;
      await assertCase({
        request: asStream(request),
        replies: toReplies(streamed(text)),
        want: { ...rest, ...(status && { status: status === 200 ? 200 : 599 }) },
      }, variables);
    });
  }
}
