/** The ways to send a picture, as supabase-js and others send them. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { FunctionInvokeOptions } from "@supabase/supabase-js";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { invoke, request, signUp, takeUpstreamRequests, WOOD } from "./project.ts";

const bytes = new Uint8Array(Buffer.from(WOOD, "base64"));

const createForm = (fields: Record<string, string | Blob>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
};

Deno.test("a picture in every form", async (t) => {
  await using stack = await startTestStack({
    functionEnvironment: {
      ANALYSIS_CACHE_TTL: "0",
      RATE_LIMIT_CONCURRENT: "1000",
      RATE_LIMIT_PER_MINUTE: "1000",
    },
  });
  const { supabase, token } = await signUp(stack);
  const send = (body: FunctionInvokeOptions["body"], query = "") =>
    invoke(supabase, { body: body! }, `semantic-analysis${query}`);
  const answers: Record<string, string> = {};

  await t.step("functions.invoke with base64 in JSON", async () => {
    const { status, body } = await send({ image_data: WOOD });
    assert.equal(status, 200, JSON.stringify(body));
    answers.json = body.analysis;
  });

  await t.step("functions.invoke with a file", async () => {
    const { status, body } = await send(new File([bytes], "oak.jpg", { type: "image/jpeg" }));
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.warnings, []);
    answers.file = body.analysis;
  });

  await t.step("functions.invoke with the bytes alone, and options in the query", async () => {
    await takeUpstreamRequests(stack);
    const query = "?analysis_type=general_description&temperature=0&max_tokens=50&cache=off";
    const { status, body } = await send(bytes.buffer, query);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.usage.completion_tokens <= 50, true);
    const [upstream] = await takeUpstreamRequests(stack);
    assert.equal(upstream.parameters.temperature, 0);
    assert.equal(upstream.parameters.max_tokens, 50);
    assert.match(JSON.stringify(upstream), /Describe this picture/);
  });

  await t.step("functions.invoke with a form", async () => {
    const { status, body } = await send(createForm({ image: new Blob([bytes]) }));
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.warnings, []);
    answers.form = body.analysis;
  });

  await t.step("a form with every field", async () => {
    await takeUpstreamRequests(stack);
    const { status, body } = await send(createForm({
      image: new File([bytes], "oak.png", { type: "image/png" }),
      prompt: "Which wood is this? 🪵",
      options: JSON.stringify({ temperature: 0, max_tokens: 40 }),
      colour: "red",
    }));
    assert.equal(status, 200, JSON.stringify(body));
    const codes = body.warnings.map(({ code }: { code: string }) => code);
    assert.ok(codes.includes("UNKNOWN_FIELD") && codes.includes("MEDIA_TYPE_CORRECTED"), codes);
    const [upstream] = await takeUpstreamRequests(stack);
    assert.match(JSON.stringify(upstream), /Which wood is this\? 🪵/);
    assert.equal(upstream.parameters.max_tokens, 40);
  });

  await t.step("fetch with the picture's own type, as a stream of unknown length", async () => {
    const response = await request(stack, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "image/jpeg" },
      body: new Blob([bytes]).stream(),
    });
    assert.equal(response.status, 200, JSON.stringify(response.body));
    answers.stream = response.body.analysis;
  });

  await t.step("all four forms share one cached answer", () => {
    const { json, ...others } = answers;
    assert.equal(Object.keys(others).length, 3);
    for (const [form, analysis] of Object.entries(others)) assert.equal(analysis, json, form);
  });

  await t.step("bad forms get clear answers", async () => {
    const wrong: [FunctionInvokeOptions["body"], string, string, number, string][] = [
      [createForm({ prompt: "x" }), "", "image", 400, "INVALID_REQUEST"],
      [createForm({ image: WOOD }), "", "image", 400, "INVALID_REQUEST"],
      [
        createForm({ image: new Blob([bytes]), options: "{" }),
        "",
        "options",
        400,
        "INVALID_REQUEST",
      ],
      [bytes.buffer, "?prompt=Which+wood", "prompt", 400, "INVALID_REQUEST"],
      [bytes.buffer, "?temperature=hot", "temperature", 400, "INVALID_REQUEST"],
      [new Blob(["not a picture"]), "", "", 400, "UNSUPPORTED_IMAGE_TYPE"],
      [new Uint8Array(6 * 1024 * 1024 + 1).buffer, "", "max_image_bytes", 413, "IMAGE_TOO_LARGE"],
      [new Uint8Array(9 * 1024 * 1024).buffer, "", "max_body_bytes", 413, "IMAGE_TOO_LARGE"],
      ["plain text", "", "", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ];
    for (const [sent, query, name, status, code] of wrong) {
      const answer = await send(sent, query);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.equal(answer.body.error.code, code);
      if (name !== "") assert.ok(name in answer.body.error.details, name);
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    }
  });
});
