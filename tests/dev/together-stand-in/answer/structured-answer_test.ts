import assert from "node:assert/strict";
import { z } from "zod";
import { type SampleName, sampleUrl } from "../../../../dev/samples/samples.ts";
import {
  MATERIAL_LIMITS as LIMITS,
  MATERIAL_VOCABULARY as VOCABULARY,
  QUALITY_FLAGS,
} from "../../../../supabase/functions/_shared/client/material.ts";
import { createPlainPicture, toDataUri } from "../pictures.ts";
import {
  createChatRequest,
  createMessages,
  createQuietStandIn,
  readCompletion,
  readStream,
  toResponseFormat,
} from "../requests.ts";

function listOf({ items, length }: { items: number; length: number }) {
  return z.array(z.string().max(length)).max(items);
}

const MATERIAL = z.strictObject({
  description: z.string().min(1).max(LIMITS.description),
  family: z.enum(VOCABULARY.family),
  type: z.string().max(LIMITS.type),
  finish: z.enum(VOCABULARY.finish),
  texture: z.enum(VOCABULARY.texture),
  pattern: z.enum(VOCABULARY.pattern),
  colors: listOf(LIMITS.colors),
  reflectivity: z.enum(VOCABULARY.reflectivity),
  transparency: z.enum(VOCABULARY.transparency),
  applications: listOf(LIMITS.applications),
  style: listOf(LIMITS.style),
  quality_flags: z.array(z.enum(QUALITY_FLAGS)).max(LIMITS.quality_flags.items),
  lookalikes: listOf(LIMITS.lookalikes),
  confidence: z.number().min(0).max(1),
});
const FORMAT = toResponseFormat(z.toJSONSchema(MATERIAL));

async function messagesFor(name: SampleName): Promise<unknown[]> {
  return createMessages(toDataUri(await Deno.readFile(sampleUrl(name))));
}

// deno-lint-ignore no-explicit-any
async function ask(body: Record<string, unknown>): Promise<any> {
  const standIn = createQuietStandIn({ createId: () => "id", now: () => 0 });
  const completion = await readCompletion(await standIn.fetch(createChatRequest(body)));
  return { ...completion.choices[0], usage: completion.usage };
}

const SAMPLES: [SampleName, Partial<z.infer<typeof MATERIAL>>][] = [
  ["wood", { family: "wood", finish: "unknown", texture: "fine", pattern: "grain" }],
  ["marble", { family: "stone", finish: "unknown", texture: "smooth", pattern: "veined" }],
  ["granite", { family: "stone", finish: "unknown", texture: "coarse", pattern: "speckled" }],
  ["brick", { family: "brick", finish: "unknown", pattern: "geometric" }],
  ["woven-cloth", { family: "textile", finish: "unknown", pattern: "weave" }],
  ["brushed-metal", { family: "metal", finish: "brushed", pattern: "grain" }],
];

for (const [name, properties] of SAMPLES) {
  Deno.test(`the ${name} sample is put into a schema by what was measured`, async () => {
    const messages = await messagesFor(name);
    const { message, usage } = await ask({ messages, response_format: FORMAT });
    const material = MATERIAL.parse(JSON.parse(message.content));
    assert.deepEqual({ ...material, ...properties }, material);
    assert.deepEqual(Object.keys(material), Object.keys(MATERIAL.shape));
    // What pixels can't tell.
    const { type, reflectivity, transparency, applications, style, quality_flags } = material;
    assert.deepEqual([type, reflectivity, transparency], ["unknown", "unknown", "unknown"]);
    assert.deepEqual([applications, style, quality_flags], [[], [], []]);
    const prose = (await ask({ messages })).message.content;
    assert.equal(material.description.replaceAll("\n", " "), prose);
    assert.match(prose, new RegExp(`\\(${Math.round(material.confidence * 100)} %`));
    assert.ok(usage.completion_tokens < 600);
  });
}

Deno.test("a small dark picture is called small and dark", async () => {
  const messages = createMessages(toDataUri(await createPlainPicture("#050505")));
  const { message } = await ask({ messages, response_format: FORMAT });
  const { quality_flags, pattern } = JSON.parse(message.content);
  assert.deepEqual([quality_flags, pattern], [["dark", "low_resolution"], "plain"]);
});

Deno.test("the family's tokens have its probability, in both shapes", async () => {
  const messages = await messagesFor("woven-cloth");
  const together = await ask({ messages, response_format: FORMAT, logprobs: 1 });
  const openai = await ask({ messages, response_format: FORMAT, logprobs: true, top_logprobs: 3 });
  const { tokens, token_logprobs, top_logprobs } = together.logprobs;
  assert.equal(tokens.join(""), together.message.content);
  assert.equal(top_logprobs.length, tokens.length);
  const { content } = openai.logprobs;
  assert.deepEqual(content.map(({ token }: { token: string }) => token), tokens);
  assert.deepEqual(
    content.map(({ logprob }: { logprob: number }) => logprob),
    token_logprobs,
  );
  // "textile" is of two tokens, of which nothing but the first was uncertain.
  const at = tokens.findIndex((_: string, index: number) =>
    tokens.slice(index, index + 4).join("") === '"textile"'
  );
  const { family, confidence } = JSON.parse(together.message.content);
  assert.equal(family, "textile");
  const sum = token_logprobs[at + 1] + token_logprobs[at + 2];
  assert.equal(Number(Math.exp(sum).toFixed(3)), confidence);
  assert.ok(content[at + 1].top_logprobs.length === 3);
  const others = token_logprobs.filter((_: number, index: number) =>
    index !== at + 1 && index !== at + 2
  );
  assert.ok(others.every((logprob: number) => logprob === 0));
});

Deno.test("a schema without a family holds no guess", async () => {
  const response_format = toResponseFormat({
    type: "object",
    properties: { texture: { enum: ["smooth", "rough"] }, sure: { type: "boolean" } },
    required: ["texture", "sure"],
  });
  const { message, logprobs } = await ask({ response_format, logprobs: 0 });
  assert.equal(message.content, '{"texture":"smooth","sure":false}');
  assert.ok(logprobs.token_logprobs.every((logprob: number) => logprob === 0));
});

Deno.test("a structured stream says the same, its escapes torn between chunks", async () => {
  const body = { messages: await messagesFor("wood"), response_format: FORMAT };
  const { message } = await ask(body);
  const standIn = createQuietStandIn();
  const { text, chunks } = await readStream(
    await standIn.fetch(createChatRequest({ ...body, stream: true })),
  );
  assert.equal(text, message.content);
  const contents = chunks.map(({ choices }) => choices[0]?.delta.content);
  assert.ok(contents.includes("\\"));
});

Deno.test("max_tokens cuts JSON too", async () => {
  const { message, finish_reason } = await ask({ response_format: FORMAT, max_tokens: 40 });
  assert.equal(finish_reason, "length");
  assert.match(message.content, /^\{"description":"/);
  assert.throws(() => JSON.parse(message.content), SyntaxError);
});

Deno.test("json_object has the same properties without a schema", async () => {
  const { message } = await ask({
    messages: [{ role: "system", content: "Answer in JSON." }, ...await messagesFor("wood")],
    response_format: { type: "json_object" },
  });
  assert.deepEqual(Object.keys(JSON.parse(message.content)), Object.keys(MATERIAL.shape));
  MATERIAL.parse(JSON.parse(message.content));
});

Deno.test("a response_format of text is prose", async () => {
  const { message } = await ask({ response_format: { type: "text" } });
  assert.match(message.content, /^Looks most like/);
});

Deno.test("a broken answer can be put into a schema without the picture", async () => {
  const broken = '{"description":"A \\"white\\" oak","family":"wood","colors":["tan"],"confi';
  const content = `Repair this.\n-----\n${broken}\n-----`;
  const { message } = await ask({
    messages: [{ role: "user", content }],
    response_format: FORMAT,
    logprobs: 1,
  });
  const material = MATERIAL.parse(JSON.parse(message.content));
  assert.deepEqual([material.description, material.family, material.colors, material.confidence], [
    'A "white" oak',
    "wood",
    ["tan"],
    0,
  ]);
});

Deno.test("prose can be put into a schema without the picture", async () => {
  const prose = (await ask({ messages: await messagesFor("marble") })).message.content;
  const { message } = await ask({
    messages: [
      { role: "system", content: "family: one of wood, stone" },
      { role: "user", content: prose },
    ],
    response_format: FORMAT,
  });
  const material = MATERIAL.parse(JSON.parse(message.content));
  assert.deepEqual([material.family, material.description], ["stone", prose]);
});

Deno.test("a schema is filled with unknown where there is no picture", async () => {
  const messages = [{ role: "user", content: "Hello" }];
  const { message } = await ask({ messages, response_format: FORMAT });
  const material = MATERIAL.parse(JSON.parse(message.content));
  assert.match(material.description, /only describe pictures/);
  assert.deepEqual([material.family, material.confidence], ["unknown", 0]);
});
