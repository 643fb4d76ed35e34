/** The check of answers against the contract finds what is wrong with one. */
import assert from "node:assert/strict";
import { ANALYSIS, EVENTS } from "../../../dev/openapi/examples.ts";
import { findProblems } from "../../support/contract.ts";

const USUAL = { "x-request-id": "1", "server-timing": "total;dur=1" };

function find(
  { method = "POST", path = "", status = 200, headers = {}, body = ANALYSIS, type }: {
    method?: string;
    path?: string;
    status?: number;
    headers?: Record<string, string>;
    body?: unknown;
    type?: string;
  },
): string {
  const contentType = { "content-type": type ?? "application/json" };
  return findProblems({
    method,
    url: `http://localhost/functions/v1/semantic-analysis${path}`,
    status,
    headers: new Headers({ ...USUAL, ...contentType, ...headers }),
    text: typeof body === "string" ? body : JSON.stringify(body),
  }).join("; ");
}

const toError = (code: string) => ({ error: { code, message: "No", request_id: "1" } });

Deno.test("an answer that is as documented, whole or streamed, has no problem", () => {
  assert.equal(find({}), "");
  assert.equal(find({ path: "/api/semantic-analysis" }), "");
  assert.equal(find({ body: EVENTS, type: "text/event-stream" }), "");
  assert.equal(find({ status: 400, body: toError("INVALID_IMAGE") }), "");
});

for (
  const [title, answer, problem] of [
    ["a member that is not documented", { body: { ...ANALYSIS, secret: 1 } }, /additional/],
    ["a member too few", { body: { ...ANALYSIS, usage: undefined } }, /'usage'/],
    ["a value of another type", { body: { ...ANALYSIS, confidence: "0.5" } }, /\/confidence/],
    ["a word of no vocabulary", {
      body: { ...ANALYSIS, material: { ...ANALYSIS.material, family: "cheese" } },
    }, /\/material\/family/],
    ["a status that is not documented", { status: 418 }, /no status 418/],
    ["a code of another status", { status: 400, body: toError("RATE_LIMITED") }, /\/error\/code/],
    ["a code of another route", {
      method: "GET",
      path: "/limits",
      status: 503,
      headers: { "retry-after": "1" },
      body: toError("OVERLOADED"),
    }, /no code OVERLOADED/],
    ["no Retry-After", { status: 503, body: toError("OVERLOADED") }, /Retry-After/],
    ["a header's value", { headers: { "x-cache": "perhaps" } }, /X-Cache/],
    ["a path that is not documented", { path: "/secrets" }, /not in the document/],
    ["an event of another name", {
      body: `event: hello\ndata: {}\n\n${EVENTS}`,
      type: "text/event-stream",
    }, /"hello"/],
    ["a stream without an end", {
      body: `event: delta\ndata: {"text":"a"}\n\n`,
      type: "text/event-stream",
    }, /events delta/],
    ["an event that is not documented", {
      body: EVENTS.replace('"text"', '"texts"'),
      type: "text/event-stream",
    }, /'text'/],
  ] as const
) {
  Deno.test(`an answer with ${title} has a problem`, () => {
    assert.match(find(answer), problem);
  });
}
