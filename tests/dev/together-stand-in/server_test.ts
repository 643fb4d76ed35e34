import assert from "node:assert/strict";
import { createPlainPicture, toDataUri } from "./pictures.ts";
import {
  createChatRequest,
  createMessages,
  createQuietStandIn,
  createRequest,
  readCompletion,
  RED,
} from "./requests.ts";

Deno.test("a chat completion has Together's shape", async () => {
  const standIn = createQuietStandIn({ createId: () => "id-1", now: () => 1_790_000_000_123 });
  const response = await standIn.fetch(createChatRequest());
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("x-request-id"), "id-1");
  const { choices, usage, ...rest } = await readCompletion(response);
  assert.deepEqual(rest, {
    id: "id-1",
    object: "chat.completion",
    created: 1_790_000_000,
    model: "local/pixel-analyst",
  });
  assert.equal(choices.length, 1);
  const choice = choices[0]!;
  assert.deepEqual(Object.keys(choice), ["index", "finish_reason", "message"]);
  assert.deepEqual([choice.index, choice.finish_reason, choice.message.role], [
    0,
    "stop",
    "assistant",
  ]);
  assert.match(choice.message.content, /Red \(#ff0000/);
  assert.equal(usage?.prompt_tokens, 1601 + 3);
  assert.ok(usage.completion_tokens > 20);
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
});

Deno.test("an answer goes by another model name only when told to", async () => {
  const standIn = createQuietStandIn({ model: "other/name" });
  assert.equal(
    (await readCompletion(await standIn.fetch(createChatRequest()))).model,
    "other/name",
  );
});

Deno.test("the same request gets the same answer", async () => {
  const standIn = createQuietStandIn({ createId: () => "id", now: () => 0 });
  const answers = [createChatRequest(), createChatRequest()].map(async (request) =>
    await (await standIn.fetch(request)).text()
  );
  assert.equal(await answers[0], await answers[1]);
});

Deno.test("an answer longer than max_tokens is cut and says so", async () => {
  const response = await createQuietStandIn().fetch(createChatRequest({ max_tokens: 5 }));
  const { choices, usage } = await readCompletion(response);
  assert.equal(choices[0]?.message.content, "Looks most like plastic");
  assert.equal(choices[0]?.finish_reason, "length");
  assert.equal(usage?.completion_tokens, 5);
});

Deno.test("without a picture the answer says that only pictures are described", async () => {
  const messages = [{ role: "user", content: "Hello" }];
  const response = await createQuietStandIn().fetch(createChatRequest({ messages }));
  const { choices, usage } = await readCompletion(response);
  assert.match(choices[0]?.message.content ?? "", /only describe pictures/);
  assert.equal(usage?.prompt_tokens, 2);
});

Deno.test("every picture is billed by its tiles", async () => {
  const large = toDataUri(await createPlainPicture("#00ff00", 1120, 1120));
  const messages = [...createMessages(RED, ""), ...createMessages(large, "")];
  const response = await createQuietStandIn().fetch(createChatRequest({ messages }));
  const { usage } = await readCompletion(response);
  assert.equal(usage?.prompt_tokens, 1601 + 4 * 1601 + 1);
});

Deno.test("unknown parameters are tolerated", async () => {
  const body = { reasoning: { enabled: false }, top_k: 5, stream: false, max_tokens: null };
  assert.equal((await createQuietStandIn().fetch(createChatRequest(body))).status, 200);
});

const badRequests: [name: string, body: Record<string, unknown> | string, number, string | null][] =
  [
    ["text that is not JSON", "{", 400, null],
    ["JSON that is no object", "[]", 400, null],
    ["no model", { model: undefined }, 400, "model"],
    ["a model that is no string", { model: 5 }, 400, "model"],
    ["no messages", { messages: undefined }, 400, "messages"],
    ["an empty list of messages", { messages: [] }, 400, "messages"],
    ["an unknown role", { messages: [{ role: "king", content: "" }] }, 400, "messages.0.role"],
    [
      "an unknown block",
      {
        messages: [{ role: "user", content: [{ type: "sound" }] }],
      },
      400,
      "messages.0.content",
    ],
    ["an image that is neither data nor URL", { messages: createMessages("abc") }, 400, "messages"],
    ["a file URL", { messages: createMessages("file:///etc/hosts") }, 400, "messages"],
    [
      "broken base64",
      {
        messages: createMessages("data:image/png;base64,%%%"),
      },
      400,
      "messages",
    ],
    ["a data URI that is not base64", { messages: createMessages("data:,x") }, 400, "messages"],
    [
      "bytes that are no image",
      {
        messages: createMessages("data:image/png;base64,aGVsbG8="),
      },
      400,
      "messages",
    ],
    ["max_tokens of zero", { max_tokens: 0 }, 422, "max_tokens"],
    ["max_tokens with a fraction", { max_tokens: 1.5 }, 422, "max_tokens"],
    ["a temperature above 2", { temperature: 2.1 }, 422, "temperature"],
    ["logprobs above 20", { logprobs: 21 }, 422, "logprobs"],
    ["logprobs as a text", { logprobs: "5" }, 422, "logprobs"],
    ["a stream that is no boolean", { stream: "yes" }, 422, "stream"],
    [
      "a regular expression to fit",
      {
        response_format: { type: "regex", pattern: "a*" },
      },
      422,
      "response_format.type",
    ],
    [
      "a schema without a name",
      {
        response_format: { type: "json_schema", json_schema: { schema: {} } },
      },
      422,
      "response_format.json_schema.name",
    ],
    [
      "a schema that can't be kept",
      {
        response_format: {
          type: "json_schema",
          json_schema: { name: "a", schema: { type: "string", pattern: "^a*$" } },
        },
      },
      422,
      "response_format.json_schema.schema",
    ],
    [
      "json_object without the word in the messages",
      {
        response_format: { type: "json_object" },
      },
      400,
      "messages",
    ],
    ["more than the context", { max_tokens: 131_072 }, 403, "max_tokens"],
  ];

for (const [name, body, status, param] of badRequests) {
  Deno.test(`a request with ${name} is refused with ${status}`, async () => {
    const response = await createQuietStandIn({ createId: () => "id-1" })
      .fetch(createChatRequest(body));
    assert.equal(response.status, status);
    const { id, error } = await response.json();
    assert.equal(id, "id-1");
    assert.deepEqual(Object.keys(error), ["message", "type", "param", "code"]);
    assert.equal(error.type, "invalid_request_error");
    assert.equal(error.param, param);
    assert.ok(error.message.length > 10);
  });
}

Deno.test("a request without a key is refused with 401", async () => {
  for (const authorization of ["", "Bearer ", "Basic abc"]) {
    const response = await createQuietStandIn()
      .fetch(createChatRequest({}, { headers: { authorization } }));
    assert.equal(response.status, 401);
    assert.equal((await response.json()).error.code, "invalid_api_key");
  }
});

Deno.test("an unknown URL or method is answered with 404", async () => {
  const standIn = createQuietStandIn();
  for (const [method, path] of [["GET", "/v1/nothing"], ["GET", "/v1/chat/completions"]] as const) {
    const response = await standIn.fetch(createRequest(method, path));
    assert.equal(response.status, 404);
    assert.equal((await response.json()).error.type, "not_found_error");
  }
});

Deno.test("a body that is too large is refused with 413, declared or not", async () => {
  const standIn = createQuietStandIn({ maxBodyBytes: 100 });
  const declared = createChatRequest({}, {
    headers: { authorization: "Bearer key", "content-length": "101" },
  });
  for (const request of [declared, createChatRequest()]) {
    assert.equal((await standIn.fetch(request)).status, 413);
  }
});

Deno.test("an image of too many pixels is refused with 400", async () => {
  const response = await createQuietStandIn({ maxPixels: 64 * 64 - 1 }).fetch(createChatRequest());
  assert.equal(response.status, 400);
});

Deno.test("an image behind a URL is fetched", async () => {
  const picture = await createPlainPicture("#0000ff");
  const asked: string[] = [];
  const standIn = createQuietStandIn({
    fetch: (input) => {
      asked.push(String(input));
      return Promise.resolve(new Response(new Uint8Array(picture)));
    },
  });
  const messages = createMessages("https://pictures.example/blue.png");
  const { choices } = await readCompletion(await standIn.fetch(createChatRequest({ messages })));
  assert.match(choices[0]?.message.content ?? "", /Blue \(#0000ff/);
  assert.deepEqual(asked, ["https://pictures.example/blue.png"]);
});

const badDownloads: [name: string, fetch: () => Promise<Response>][] = [
  ["that cannot be reached", () => Promise.reject(new TypeError("refused"))],
  ["that answers 404", () => Promise.resolve(new Response("no", { status: 404 }))],
  ["that is too large", () => Promise.resolve(new Response(new Uint8Array(11)))],
  ["that is no image", () => Promise.resolve(new Response("text"))],
];

for (const [name, fetch] of badDownloads) {
  Deno.test(`an image URL ${name} is refused with 400`, async () => {
    const messages = createMessages("https://pictures.example/x.png");
    const response = await createQuietStandIn({ fetch, maxPictureBytes: 10 })
      .fetch(createChatRequest({ messages }));
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.param, "messages");
  });
}

Deno.test("an image URL that never answers is given up", async () => {
  const standIn = createQuietStandIn({
    pictureTimeoutMs: 1,
    fetch: (_, init) =>
      new Promise((_, reject) =>
        init?.signal?.addEventListener("abort", () => reject(new Error("aborted")))
      ),
  });
  const messages = createMessages("https://pictures.example/x.png");
  const response = await standIn.fetch(createChatRequest({ messages }));
  assert.equal(response.status, 400);
  assert.match((await response.json()).error.message, /not downloaded within "1" ms/);
});

Deno.test("the models are a bare list with prices and context lengths", async () => {
  const standIn = createQuietStandIn();
  const models = await (await standIn.fetch(createRequest("GET", "/v1/models?serverless"))).json();
  assert.ok(Array.isArray(models));
  for (const model of models) {
    assert.deepEqual(Object.keys(model), [
      "id",
      "object",
      "created",
      "type",
      "display_name",
      "organization",
      "context_length",
      "pricing",
    ]);
    assert.equal(typeof model.pricing.input, "number");
  }
  const ids = models.map(({ id }: { id: string }) => id);
  assert.ok(ids.includes("local/pixel-analyst"));
  assert.ok(ids.includes("meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"));
  const withoutKey = new Request("http://127.0.0.1/v1/models");
  assert.equal((await standIn.fetch(withoutKey)).status, 401);
});
