import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { parseJsonBody } from "../../../../supabase/functions/semantic-analysis/request/json-body.ts";
import {
  type AnalysisRequest,
  toAnalysisRequest,
} from "../../../../supabase/functions/semantic-analysis/request/request.ts";
import { assertRefused, assertRejected } from "../../../support/api-errors.ts";
import fc from "../../../support/fast-check.ts";
import { textOf, toGifOfLength } from "../../../support/pictures.ts";

/** Long enough to be cut out. */
const LONG = Buffer.from(toGifOfLength(30_000)).toString("base64");
const OTHER = Buffer.from(toGifOfLength(30_003)).toString("base64");

async function parse(text: string): Promise<AnalysisRequest> {
  return await toAnalysisRequest(parseJsonBody(new TextEncoder().encode(text), 1_000_000), {
    maxImageBytes: 1_000_000,
    isImageUrlAllowed: true,
    isCustomPromptAllowed: true,
    choosableModels: null,
    temperature: 0.1,
    maxTokens: 4_096,
  });
}

const base64Of = ({ picture }: AnalysisRequest) => {
  assert.ok(picture.kind === "bytes");
  return textOf(picture.base64);
};

Deno.test("parseJsonBody() reads a long picture wherever it stands and however it is written", async () => {
  const prompt = "Welches Holz? Ποιο ξύλο; 🪵";
  const fields = `"prompt":${JSON.stringify(prompt)},"options":{"temperature":0}`;
  for (
    const text of [
      `{"image_data":"${LONG}",${fields}}`,
      `{${fields},"image_data":"${LONG}"}`,
      ` {\n ${fields} ,\t"image_data" \r\n:\n "${LONG}" } `,
      `{${fields},"image_data":"data:image/gif;base64,${LONG}"}`,
      // As PHP writes it.
      `{${fields},"image_data":"${LONG.replaceAll("/", "\\/")}"}`,
      `{${fields},"image_data":"${LONG.replace("A", "\\u0041")}"}`,
      // With everything that .NET, PHP and a wrapping encoder escape.
      `{${fields},"image_data":"data:image\\/gif;base64,${
        LONG.replaceAll("+", "\\u002B").replaceAll("/", "\\/").replace(/.{76}/g, "$&\\r\\n")
      }"}`,
      `{${fields},"image_\\u0064ata":"${LONG}"}`,
      // More than the end is looked for in.
      `{"image_data":"${LONG}","filler":"${"x".repeat(30_000)}",${fields}}`,
      `{"filler":"${"x".repeat(30_000)}",${fields},"image_data":"${LONG}"}`,
    ]
  ) {
    const request = await parse(text);
    assert.equal(base64Of(request), LONG);
    assert.equal(request.prompt, prompt);
    assert.equal(request.temperature, 0);
  }
});

Deno.test("parseJsonBody() takes the picture that JSON.parse would take", async () => {
  for (
    const text of [
      `{"image_data":"${LONG}","image_data":"${OTHER}"}`,
      `{"image_data":null,"image_data":"${OTHER}"}`,
      `{"options":{"image_data":"${LONG}"},"image_data":"${OTHER}"}`,
      `{"x":{"image_data":"${LONG}"},"image_data":"${OTHER}"}`,
      `{"\\"image_data":"${LONG}","image_data":"${OTHER}"}`,
      `{"prompt":"\\"image_data\\":\\"${"x".repeat(100)}","image_data":"${OTHER}"}`,
      `{"__proto__":{"image_data":"${LONG}"},"image_data":"${OTHER}"}`,
    ]
  ) assert.equal(base64Of(await parse(text)), JSON.parse(text).image_data);
});

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
  assert.equal(base64Of(await parse(`{"x":"${few}","image_data":"${LONG}"}`)), LONG);
  for (
    const text of [
      `{"image_data":"${LONG}","x":"${kib(65)}"}`,
      `{"x":"${kib(65)}","image_data":"${LONG}"}`,
      `{"image_data":"${LONG}","x":[${"{},".repeat(30_000)}{}]}`,
      `{"image_data":"${LONG}",${'"a":1,'.repeat(12_000)}"b":1}`,
      `{"image_data":"${LONG}"${" ".repeat(70_000)}}`,
      `{"x":${"[".repeat(40_000)}${"]".repeat(40_000)}}`,
      `[${"{},".repeat(1_000_000)}{}]`,
      `{"x":{"image_data":"${LONG}"},"y":"${kib(40)}"}`,
    ]
  ) {
    const { status, details } = await assertRejected(parse(text), "BODY_TOO_LARGE");
    assert.equal(status, 413);
    assert.deepEqual(details, { max_other_bytes: 65_536, max_image_bytes: 1_000_000 });
  }
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

Deno.test("parseJsonBody() agrees with JSON.parse on any body with a long text in it", async () => {
  const key = fc.constantFrom(
    "image_data",
    "prompt",
    "x",
    '"image_data',
    'image_data":"',
    "__proto__",
  );
  const text = fc.oneof(
    fc.constantFrom(LONG, OTHER, LONG.slice(0, 400), `"image_data":"${LONG}`, ""),
    fc.string(),
  );
  const value: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text.map((text) => JSON.stringify(text)),
      fc.constantFrom("1", "null", "[]"),
      tie("object"),
    ),
    object: fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }).map((pairs) =>
      `{${pairs.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(",")}}`
    ),
  })).object;
  const change = fc.option(fc.tuple(fc.nat(), fc.constantFrom("", '"', "\\", "}", ",", ":")), {
    freq: 2,
  });
  await fc.assert(
    fc.asyncProperty(value, change, async (json, change) => {
      const at = change ? change[0] % (json.length + 1) : 0;
      const body = change ? json.slice(0, at) + change[1] + json.slice(at) : json;
      let expected: unknown;
      try {
        expected = JSON.parse(body);
      } catch {
        expected = undefined;
      }
      try {
        const { fields, problems, parsePicture } = parseJsonBody(
          new TextEncoder().encode(body),
          1_000_000,
        );
        if (expected === undefined) {
          // The long text is looked at when it is parsed.
          await parsePicture({ maxImageBytes: 1e6, isImageUrlAllowed: false });
          assert.fail("was taken");
        }
        const { image_data, ...rest } = expected as Record<string, unknown>;
        assert.deepEqual(fields, rest);
        assert.equal(problems === undefined, typeof image_data === "string");
        if (image_data === LONG || image_data === OTHER) {
          const { picture } = await parsePicture({ maxImageBytes: 1e6, isImageUrlAllowed: false });
          assert.ok(picture.kind === "bytes" && textOf(picture.base64) === image_data);
        }
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code === "BODY_TOO_LARGE") return assert.ok(body.length > 64 * 1024);
        assert.ok(expected === undefined || expected === null || typeof expected !== "object");
      }
    }),
    { numRuns: 1_500 },
  );
});
