/** Bodies, events and codes of servers and gateways other than Together's, each in many variants. */
import { assertCase } from "./replay.ts";
import { chunk, DONE, events, JSON_TEXT, streamed, USAGE, whole } from "./replies.ts";
import type { Reply } from "./fake-provider.ts";
import { asStream, REQUESTS, STRUCTURE, testAll, WALL } from "./variants.ts";

const json = (status: number, body: unknown): Reply => ({ status, body: JSON.stringify(body) });
const coded = (status: number, code: string, type?: string) =>
  json(status, { error: { message: "x", type, param: null, code: type ? null : code } });

const gemini = (status: string, reason?: string) => ({
  error: { code: 400, message: "x", status, details: reason ? [{ "@type": "x", reason }] : [] },
});
const liteLlm = (type: string) => ({ error: { message: "x", type, param: "None", code: "400" } });
const cloudflare = (code: number) => ({
  success: false,
  errors: [{ code, message: "x" }],
  messages: [],
  result: null,
});

const OPERATORS: [string, Reply][] = [
  ["OpenAI's limit", coded(400, "billing_hard_limit_reached")],
  ["a country", coded(403, "unsupported_country_region_territory")],
  ["a key, 400", coded(400, "invalid_api_key")],
  ["a key, 403", coded(403, "", "authentication_error")],
  ["what a key may", coded(403, "", "permission_error")],
  ["a quota", coded(400, "insufficient_quota")],
  ["credits", coded(403, "insufficient_credits")],
  ["an account", coded(403, "account_suspended")],
  ["Alibaba's account", json(400, { code: "Arrearage", message: "x" })],
  ["Alibaba's purchase", json(403, { code: "AccessDenied.Unpurchased", message: "x" })],
  ["Alibaba's bill", json(400, { error: { code: "PrepaidBillOverdue", message: "x" } })],
  ["LiteLLM's budget", json(400, liteLlm("budget_exceeded"))],
  ["LiteLLM's budget, 429", json(429, liteLlm("budget_exceeded"))],
  ["LiteLLM's key", json(400, liteLlm("expired_key"))],
  ["LiteLLM's authentication", json(403, liteLlm("auth_error"))],
  ["Groq's organization", coded(400, "organization_restricted")],
  ["Novita's balance", json(403, { code: 403, reason: "NOT_ENOUGH_BALANCE", message: "x" })],
  ["Fireworks' account", coded(412, "account_suspended")],
  ["an error in a list", json(403, [{ error: { code: "invalid_api_key" } }])],
  ["OpenAI's quota", coded(429, "insufficient_quota")],
  ["OpenAI's quota, as a type alone", coded(429, "", "insufficient_quota")],
  [
    "a quota beside a status in place of the code",
    json(429, {
      error: { message: "x", type: "insufficient_quota", code: "429" },
    }),
  ],
  ["Moonshot's quota", coded(429, "", "exceeded_current_quota_error")],
  ["a limit of what may be paid, 429", coded(429, "billing_hard_limit_reached")],
  ["Gemini's key", json(400, [gemini("INVALID_ARGUMENT", "API_KEY_INVALID")])],
  ["Gemini's bill", json(403, gemini("PERMISSION_DENIED", "BILLING_DISABLED"))],
  ["Gemini's project", json(403, gemini("PERMISSION_DENIED", "SERVICE_DISABLED"))],
  ["Gemini's key, without a reason", json(403, gemini("PERMISSION_DENIED"))],
  ["Cloudflare's key", json(400, cloudflare(10_000))],
  ["Cloudflare's address", json(400, cloudflare(7003))],
  ["Cloudflare's account", json(403, cloudflare(3023))],
  ["Cloudflare's agreement", json(403, cloudflare(5016))],
  ["Cloudflare's allocation of a day", json(429, cloudflare(3036))],
];
for (const [name, reply] of OPERATORS) {
  testAll(`a code that names the operator's account, ${name}`, () => [reply], {
    status: 503,
    code: ["NOT_CONFIGURED", "UPSTREAM_UNAVAILABLE"],
    maxSpentUsd: 0,
  });
  testAll(`a code that names the account, of one model alone, ${name}`, (good) => [reply, good], {
    status: 200,
    maxCalls: 2,
  });
}

const LATER: [string, Reply][] = [
  ["Groq's tokens a minute", coded(413, "rate_limit_exceeded")],
  ["a rate", coded(403, "", "rate_limit_error")],
  ["overload", coded(400, "", "overloaded_error")],
  ["a server's error", coded(422, "internal_error")],
];
for (const [name, reply] of LATER) {
  testAll(`a code that names another moment, ${name}`, () => [reply], {
    status: 503,
    code: "UPSTREAM_UNAVAILABLE",
    maxSpentUsd: 0,
  });
}

const PACE: [string, Reply][] = [
  ["a minute's requests", coded(429, "rate_limit_exceeded")],
  ["Cerebras' tokens of a minute", coded(429, "token_quota_exceeded", "too_many_tokens_error")],
  ["Gemini's quota, which may be a minute's", json(429, gemini("RESOURCE_EXHAUSTED"))],
  ["Cloudflare's lack of capacity", json(429, cloudflare(3040))],
];
for (const [name, reply] of PACE) {
  testAll(`a 429 that is no account's, ${name}`, () => [reply], {
    status: 503,
    code: "UPSTREAM_RATE_LIMITED",
    maxSpentUsd: 0,
  });
}

const ELSEWHERE: [string, Reply][] = [
  ["Cloudflare's models", json(400, cloudflare(5007))],
  ["Gemini's models", json(404, gemini("NOT_FOUND"))],
];
for (const [name, reply] of ELSEWHERE) {
  testAll(`a code that names the model, ${name}`, (good) => [reply, good], {
    status: 200,
    maxCalls: 2,
  });
}

const change = (from: string, to: string) => (body: string) => body.replace(from, to);
const BODIES: [string, (body: string) => string][] = [
  [
    "NaN beside it",
    change('"finish_reason"', '"logprobs":{"token_logprobs":[NaN]},"finish_reason"'),
  ],
  ["-Infinity beside it", change('"usage"', '"score":-Infinity,"usage"')],
  ["[DONE] behind it", (body) => `${body}\n[DONE]`],
  ["NUL behind it", (body) => `${body}\0`],
  ["a list around it", (body) => `[${body}]`],
  ["an index that is a text", change('"index":0', '"index":"0"')],
  ["an index of 1", change('"index":0', '"index":1')],
  ["a byte order mark", (body) => `\ufeff${body}`],
  ["white space before it", (body) => ` \n\n \n${body}`],
];
for (const [name, toBody] of BODIES) {
  for (const [how, request, text] of REQUESTS) {
    Deno.test(`an odd body, ${name}, ${how}`, async () => {
      const replies = [{ body: toBody(whole(text).body) }];
      await assertCase({ request, replies, want: { status: 200, maxCalls: 1, kept: true } });
    });
  }
}
Deno.test("content in more lists than can be meant: the next model", async () => {
  const depth = 100_000;
  const content = "[".repeat(depth) + "]".repeat(depth);
  const body = whole("@").body.replace('"@"', content);
  const want = { status: 200, family: "wood", maxCalls: 2 };
  await assertCase({ request: STRUCTURE, replies: [{ body }, whole(JSON_TEXT)], want });
});

const SIDE_EVENTS = [
  "data: ping\n\n",
  "data: keep-alive\n\n",
  "data: : heartbeat\n\n",
  "data: OPENROUTER PROCESSING\n\n",
  'event: status\ndata: {"message":"loading"}\n\n',
  'event: ping\ndata: {"type":"ping","message":"alive"}\n\n',
];
for (const side of SIDE_EVENTS) {
  for (const [how, request, text] of REQUESTS) {
    Deno.test(`an event beside the answer, ${JSON.stringify(side)}, ${how}`, async () => {
      const { body } = streamed(text);
      const want = { status: 200, maxCalls: 1, kept: true };
      for (const each of [side + body, body.replace("\n\n", `\n\n${side}`)]) {
        await assertCase({ request: asStream(request), replies: [events(each)], want });
      }
    });
  }
}
Deno.test("NaN in a chunk is none", async () => {
  const odd = chunk(JSON_TEXT).replace('"finish_reason"', '"logprobs":NaN,"finish_reason"');
  const replies = [events(odd + chunk("", "stop", { usage: USAGE }) + DONE)];
  const want = { status: 200, family: "wood", maxCalls: 1, kept: true };
  await assertCase({ request: asStream(STRUCTURE), replies, want });
});
Deno.test("the usage that Groq tells in a member of its own is charged", async () => {
  const body = chunk(WALL) + chunk("", "stop", { x_groq: { id: "1", usage: USAGE } }) + DONE;
  const request = asStream({ analysis_type: "general_description" });
  const want = { status: 200, maxSpentUsd: 0.002 };
  await assertCase({ request, replies: [events(body)], want });
});
