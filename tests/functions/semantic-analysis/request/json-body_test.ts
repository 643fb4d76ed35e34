import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { parseJsonBody } from "../../../../supabase/functions/semantic-analysis/request/json-body.ts";
import {
  type AnalysisRequest,
  toAnalysisRequest,
} from "../../../../supabase/functions/semantic-analysis/request/request.ts";
import { assertRejected } from "../../../support/api-errors.ts";
import fc from "../../../support/fast-check.ts";
import { sha256Of, textOf, toGifOfLength } from "../../../support/pictures.ts";

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
      `{${fields},"image_data":"data:image/gif;base64, ${LONG}"}`,
      `{${fields},"image_data":"data:image/gif;name=Größe Ф.gif;base64,${LONG}"}`,
      `{${fields},"image_data":" data:image/gif;base64,${LONG}"}`,
      `{${fields},"image_data":"  ${LONG} \\n "}`,
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

Deno.test("parseJsonBody() takes no other text for the picture that is as long, whichever comes first", async () => {
  // As many characters, of one byte less: what stands for it decodes to more.
  const padded = Buffer.from(toGifOfLength(30_000 - 1)).toString("base64");
  const bytes = Buffer.from(padded, "base64");
  assert.equal(padded.length, LONG.length);
  for (
    const text of [
      `{"image_data":"${padded}","x":"${LONG}"}`,
      `{"x":"${LONG}","image_data":"${padded}"}`,
    ]
  ) {
    const request = await parse(text);
    assert.equal(base64Of(request), padded);
    assert.ok(request.picture.kind === "bytes");
    assert.equal(request.picture.sha256, await sha256Of(bytes));
  }
  const junk = "*".repeat(LONG.length);
  await assertRejected(parse(`{"image_data":"${junk}","x":"${LONG}"}`), "INVALID_IMAGE");
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
        // What is too large to be parsed whole is refused for that, or for the picture that it lacks.
        if (body.length > 64 * 1024) {
          return assert.ok(["BODY_TOO_LARGE", "INVALID_REQUEST"].includes(error.code));
        }
        assert.ok(expected === undefined || expected === null || typeof expected !== "object");
      }
    }),
    { numRuns: 1_500 },
  );
});
