/** The official clients of Together and OpenAI, unmodified, against the stand-in over a socket. */

import assert from "node:assert/strict";
import OpenAI from "openai";
import Together from "together-ai";
import type { FaultInput } from "../../../../dev/together-stand-in/faults/faults.ts";
import { createStandIn } from "../../../../dev/together-stand-in/server.ts";
import { sampleUrl } from "../../../../dev/samples/samples.ts";
import { toDataUri } from "../pictures.ts";

const IMAGE_URL = toDataUri(await Deno.readFile(sampleUrl("wood")));
const REQUEST = {
  model: "Qwen/Qwen3.5-9B",
  messages: [{
    role: "user" as const,
    content: [
      { type: "text" as const, text: "What material is it? Answer in JSON." },
      { type: "image_url" as const, image_url: { url: IMAGE_URL } },
    ],
  }],
};
const RESPONSE_FORMAT = {
  type: "json_schema" as const,
  json_schema: {
    name: "material",
    strict: true,
    schema: {
      type: "object",
      properties: {
        family: { type: "string", enum: ["wood", "stone", "unknown"] },
        confidence: { type: "number", minimum: 0, maximum: 1 },
      },
      required: ["family", "confidence"],
      additionalProperties: false,
    },
  },
};

interface Clients {
  together: Together;
  openai: OpenAI;
  /** One after the other, as far as they are alike. */
  both: Together[];
}

type ErrorClass = abstract new (...parameters: never[]) => Error;

async function withClients(
  faults: FaultInput[],
  use: (clients: Clients) => Promise<void>,
): Promise<void> {
  const standIn = createStandIn({ faults });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    standIn.fetch,
  );
  const options = {
    apiKey: "key",
    baseURL: `http://127.0.0.1:${server.addr.port}/v1`,
    maxRetries: 0,
    logLevel: "off" as const,
  };
  try {
    const together = new Together(options);
    const openai = new OpenAI(options);
    await use({ together, openai, both: [together, openai as unknown as Together] });
  } finally {
    standIn.stop();
    await server.shutdown();
  }
}

Deno.test("both SDKs get a plain answer", async () => {
  await withClients([], async ({ both }) => {
    for (const client of both) {
      const { choices, usage } = await client.chat.completions.create(REQUEST);
      assert.match(choices[0]?.message?.content ?? "", /^Looks most like wood/);
      assert.equal(choices[0]?.finish_reason, "stop");
      assert.ok(usage!.prompt_tokens > 1601);
    }
  });
});

Deno.test("both SDKs get an answer that fits their schema", async () => {
  await withClients([], async ({ both }) => {
    for (const client of both) {
      const { choices } = await client.chat.completions.create({
        ...REQUEST,
        response_format: RESPONSE_FORMAT,
      });
      const { family, confidence, ...rest } = JSON.parse(choices[0]!.message!.content!);
      assert.deepEqual([family, rest], ["wood", {}]);
      assert.ok(confidence > 0.4 && confidence < 1);
    }
  });
});

Deno.test("OpenAI's SDK parses a structured answer and its log probabilities", async () => {
  await withClients([], async ({ openai }) => {
    const { choices } = await openai.chat.completions.parse({
      ...REQUEST,
      response_format: RESPONSE_FORMAT,
      logprobs: true,
      top_logprobs: 2,
    });
    const [choice] = choices;
    const { family, confidence } = choice!.message.parsed as unknown as {
      family: string;
      confidence: number;
    };
    const scored = choice!.logprobs!.content!.filter(({ logprob }) => logprob !== 0);
    assert.deepEqual(scored.map(({ token }) => token), [family]);
    assert.equal(Number(Math.exp(scored[0]!.logprob).toFixed(3)), confidence);
    assert.equal(scored[0]!.top_logprobs.length, 2);
  });
});

Deno.test("Together's SDK gets log probabilities in Together's shape", async () => {
  await withClients([], async ({ together }) => {
    const { choices } = await together.chat.completions.create({ ...REQUEST, logprobs: 1 });
    const { tokens, token_logprobs } = choices[0]!.logprobs!;
    assert.equal(tokens!.join(""), choices[0]!.message!.content);
    assert.deepEqual(tokens!.filter((_, index) => token_logprobs![index] !== 0), [" wood"]);
    const chunks = await together.chat.completions.create({
      ...REQUEST,
      logprobs: 1,
      stream: true,
    });
    let sum = 0;
    for await (const chunk of chunks) sum += chunk.choices[0]?.logprobs ?? 0;
    assert.equal(sum, token_logprobs!.reduce((total: number, value) => total + (value ?? 0), 0));
  });
});

for (const options of [{}, { response_format: RESPONSE_FORMAT }, { max_tokens: 7 }]) {
  Deno.test(`both SDKs stream what they get whole, with ${JSON.stringify(Object.keys(options))}`, async () => {
    await withClients([], async ({ both }) => {
      for (const client of both) {
        const request = { ...REQUEST, ...options };
        const whole = await client.chat.completions.create(request);
        const chunks = await client.chat.completions.create({ ...request, stream: true });
        let text = "";
        let finishReason;
        let usage;
        for await (const chunk of chunks) {
          text += chunk.choices[0]?.delta.content ?? "";
          finishReason ??= chunk.choices[0]?.finish_reason;
          usage ??= chunk.usage;
        }
        assert.equal(text, whole.choices[0]?.message?.content);
        assert.equal(finishReason, whole.choices[0]?.finish_reason);
        assert.deepEqual(usage, whole.usage);
      }
    });
  });
}

Deno.test("the helpers of both SDKs put a stream together again", async () => {
  await withClients([], async ({ together, openai }) => {
    const streams = [
      together.chat.completions.stream(REQUEST),
      openai.chat.completions.stream({ ...REQUEST, stream_options: { include_usage: true } }),
    ];
    for (const stream of streams) {
      const { choices, usage } = await stream.finalChatCompletion();
      assert.match(choices[0]?.message?.content ?? "", /^Looks most like wood/);
      assert.equal(choices[0]?.finish_reason, "stop");
      assert.ok(usage?.completion_tokens);
    }
  });
});

Deno.test("both SDKs read a stream written with all that the standard allows", async () => {
  await withClients([{ kind: "stream_crlf", times: 2 }], async ({ both }) => {
    for (const client of both) {
      let text = "";
      for await (
        const chunk of await client.chat.completions.create({ ...REQUEST, stream: true })
      ) {
        text += chunk.choices[0]?.delta.content ?? "";
      }
      assert.match(text, /not seen\.$/);
    }
  });
});

Deno.test("both SDKs throw what a stream reports or what breaks it off", async () => {
  const faults: FaultInput[] = [
    { kind: "stream_error", times: 2 },
    { kind: "stream_garbage", times: 2 },
    { kind: "stream_cut", times: 2 },
  ];
  await withClients(faults, async ({ both }) => {
    for (const expected of [/overloaded/, /JSON/, /./]) {
      for (const client of both) {
        const chunks = await client.chat.completions.create({ ...REQUEST, stream: true });
        await assert.rejects(async () => {
          for await (const _ of chunks);
        }, (error: Error) => expected.test(error.message));
      }
    }
  });
});

Deno.test("Together's SDK lists the models", async () => {
  await withClients([], async ({ together }) => {
    const models = await together.models.list();
    const model = models.find(({ id }) => id === "Qwen/Qwen3.5-9B");
    assert.equal(model?.context_length, 262_144);
    assert.deepEqual(model?.pricing, {
      base: 0,
      finetune: 0,
      hourly: 0,
      input: 0.17,
      output: 0.25,
    });
  });
});

const ERRORS: [FaultInput, together: ErrorClass, openai: ErrorClass][] = [
  [{ kind: "status", status: 401 }, Together.AuthenticationError, OpenAI.AuthenticationError],
  [{ kind: "status", status: 429 }, Together.RateLimitError, OpenAI.RateLimitError],
  [{ kind: "status", status: 503 }, Together.InternalServerError, OpenAI.InternalServerError],
  [{ kind: "not_found" }, Together.NotFoundError, OpenAI.NotFoundError],
  [{ kind: "retired" }, Together.BadRequestError, OpenAI.BadRequestError],
];

function isA(errorClass: ErrorClass): (error: unknown) => boolean {
  return (error) => error instanceof errorClass;
}

for (const [fault, togetherError, openaiError] of ERRORS) {
  const name = fault.kind === "status" ? `status ${fault.status}` : fault.kind;
  Deno.test(`both SDKs throw their own error for ${name}`, async () => {
    await withClients([{ ...fault, times: 2 }], async ({ together, openai }) => {
      await assert.rejects(together.chat.completions.create(REQUEST), isA(togetherError));
      await assert.rejects(openai.chat.completions.create(REQUEST), isA(openaiError));
    });
  });
}

Deno.test("OpenAI's SDK finds the code of a model that is not available", async () => {
  await withClients([{ kind: "retired" }], async ({ openai }) => {
    const error = await openai.chat.completions.create(REQUEST).catch((error) => error);
    assert.deepEqual([error.status, error.code, error.param, error.type], [
      400,
      "model_not_available",
      "model",
      "invalid_request_error",
    ]);
    assert.equal(typeof error.requestID, "string");
  });
});
