/** Bodies of JSON that are refused, and in which words. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { parseJsonBody } from "../../../../supabase/functions/semantic-analysis/request/json-body.ts";
import { assertRefused, assertRejected } from "../../../support/api-errors.ts";
import { toGifOfLength } from "../../../support/pictures.ts";
import { OPTIONS, parseAnalysisRequest } from "./json-requests.ts";

/** Long enough to be cut out. */
const LONG = Buffer.from(toGifOfLength(30_000)).toString("base64");

const parse = (text: string) =>
  parseAnalysisRequest(text, { ...OPTIONS, maxImageBytes: 1_000_000 });

Deno.test("parseJsonBody() refuses around a long picture what JSON.parse would refuse", async () => {
  for (
    const text of [
      `{"image_data":"${LONG}"`,
      `{"image_data":"${LONG}`,
      `{"image_data":"${LONG}"}}`,
      `{"image_data":"${LONG}",}`,
      `"image_data":"${LONG}"`,
      `{"x""image_data":"${LONG}"}`,
      `{image_data:"${LONG}"}`,
      `{"image_data":"data:image/gif;\nbase64,${LONG}"}`,
    ]
  ) {
    assert.throws(() => JSON.parse(text));
    const { details } = await assertRejected(parse(text), "INVALID_REQUEST");
    assert.deepEqual(details, { body: "must be JSON" }, text.slice(0, 40));
  }
});

Deno.test("parseJsonBody() refuses a long text that isn't base64 as it does a short one", async () => {
  for (const junk of ["*", "é", "\u0141", " ", "=", "\\n"]) {
    const text = `{"image_data":"${LONG.slice(0, 20_000)}${junk}${LONG.slice(20_001)}"}`;
    await assertRejected(parse(text), "INVALID_IMAGE");
  }
  // Not canonical: another text for the same picture.
  for (const end of ["QR==", "QUJ="]) {
    await assertRejected(parse(`{"image_data":"${LONG}${end}"}`), "INVALID_IMAGE");
  }
});

Deno.test("parseJsonBody() refuses more than 64 KiB beside the picture before it parses it", async () => {
  const kib = (count: number) => "x".repeat(count * 1024);
  const few = kib(60);
  assert.equal((await parse(`{"x":"${few}","image_data":"${LONG}"}`)).picture.kind, "bytes");
  for (
    const text of [
      `{"image_data":"${LONG}","x":"${kib(65)}"}`,
      `{"x":"${kib(65)}","image_data":"${LONG}"}`,
      `{"image_data":"${LONG}","x":[${"{},".repeat(30_000)}{}]}`,
      `{"image_data":"${LONG}",${'"a":1,'.repeat(12_000)}"b":1}`,
      `{"image_data":"${LONG}"${" ".repeat(70_000)}}`,
      `{"x":${"[".repeat(40_000)}${"]".repeat(40_000)}}`,
      `{"image":{"bucket":"b","path":"p"},"x":"${LONG}","y":"${kib(40)}"}`,
    ]
  ) {
    const { status, details } = await assertRejected(parse(text), "BODY_TOO_LARGE");
    assert.equal(status, 413);
    assert.deepEqual(details, { max_other_bytes: 65_536, max_image_bytes: 1_000_000 });
  }
});

Deno.test("parseJsonBody() calls a large body that is no object, or not ended, by that and not too large", async () => {
  const object = JSON.stringify({ image_data: LONG + LONG });
  for (
    const [text, problem] of [
      [`[${"{},".repeat(1_000_000)}{}]`, "must be a JSON object"],
      [JSON.stringify(object), "must be a JSON object"],
      [JSON.stringify(JSON.stringify(object)), "must be a JSON object"],
      [LONG + LONG, "must be a JSON object"],
      [object.replaceAll('"', "'"), "must be a JSON object"],
      [object.slice(0, -10), "must be JSON"],
    ] as const
  ) {
    const { details } = await assertRejected(parse(text), "INVALID_REQUEST");
    assert.deepEqual(details, { body: problem }, text.slice(0, 40));
  }
});

Deno.test("parseJsonBody() takes a long text with quotes within for one text", async () => {
  const quoted = JSON.stringify({ image_data: JSON.stringify(LONG + LONG) });
  const { message } = await assertRejected(parse(quoted), "INVALID_IMAGE");
  assert.equal(message, "The picture is not valid base64");
  const bytes = JSON.stringify({ image_data: `\xff\xd8"\0${"é".repeat(70_000)}` });
  await assertRejected(parse(bytes), "INVALID_IMAGE");
});

Deno.test("parseJsonBody() names an array of bytes, whether as the picture or as the body", async () => {
  const bytes = toGifOfLength(300_000);
  for (
    const body of [
      JSON.stringify(bytes),
      JSON.stringify({ image_data: bytes }),
      JSON.stringify({ image_data: Buffer.from(bytes) }),
      JSON.stringify({ image_data: [...bytes] }),
    ]
  ) {
    const { message } = await assertRejected(parse(body), "INVALID_REQUEST");
    assert.match(message, /must not be an array of bytes: send base64, or a Blob or File/);
  }
});

Deno.test("parseJsonBody() refuses a long picture inside another value, or none at the top", async () => {
  for (const text of [`{"x":{"image_data":"${LONG}"}}`, `[{"image_data":"${LONG}"}]`]) {
    await assertRejected(parse(text), "INVALID_REQUEST");
  }
});

Deno.test("parseJsonBody() says what is wrong with a long picture as it does with a short one", async () => {
  const short = LONG.slice(0, 400);
  const wrong: ((base64: string) => string)[] = [
    (base64) => `data:image/gif,${base64}`,
    (base64) => `data:image/gif;base64;charset=utf-8,${base64}`,
    (base64) => `data:application/pdf;base64,${base64}`,
    (base64) => `data:image/gif;base64,data:image/gif;base64,${base64}`,
    (base64) => `${base64.slice(0, 100)}%2B${base64.slice(103)}`,
    (base64) => `\xff\xd8${base64}`,
    (base64) => `${base64}A`,
    (base64) => base64.replaceAll("A", "-"),
    (base64) => base64.replaceAll("A", " "),
    (base64) => `"${base64}"`,
  ];
  for (const write of wrong) {
    const [told, expected] = await Promise.all([LONG, short].map(async (base64) => {
      const parsed = parse(JSON.stringify({ image_data: write(base64) }));
      return await parsed.then(() => "taken", (error: ApiError) => error.message);
    }));
    assert.equal(told, expected);
    assert.notEqual(told, "taken");
  }
});

Deno.test("parseJsonBody() refuses bytes that aren't UTF-8, before and behind the picture", () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  for (const [before, after] of [["\xff", ""], ["", "\xff"]]) {
    const body = Buffer.concat([
      encode(`{"x":"`),
      Buffer.from(before!, "latin1"),
      encode(`","image_data":"${LONG}","y":"`),
      Buffer.from(after!, "latin1"),
      encode(`"}`),
    ]);
    assertRefused(() => parseJsonBody(new Uint8Array(body), 1_000_000), "INVALID_REQUEST");
  }
});
