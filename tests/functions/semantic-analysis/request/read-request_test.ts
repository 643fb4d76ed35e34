import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { assertRejected } from "../../../support/api-errors.ts";
import fc from "../../../support/fast-check.ts";
import {
  encodePicture,
  ENCODINGS,
  NAMES_WITHOUT_METADATA,
  sha256Of,
  textOf,
  withText,
} from "../../../support/pictures.ts";
import { BASE64, GIF, post, postForm, postImage, problemsOf, read } from "./posted-requests.ts";

const postJson = (fields: object = {}, headers: HeadersInit = {}) =>
  post(JSON.stringify({ image_data: BASE64, ...fields }), "application/json", "", headers);

for (const name of NAMES_WITHOUT_METADATA) {
  Deno.test(`readAnalysisRequest() makes the same of a ${name} in every form`, async () => {
    const { mediaType } = ENCODINGS[name];
    const bytes = new Uint8Array(await encodePicture(name, { width: 150, height: 90 }));
    const base64 = Buffer.from(bytes).toString("base64");
    const fields = { analysis_type: "general_description", options: { temperature: 0.5 } };
    const form = new FormData();
    form.append("analysis_type", "general_description");
    form.append("options", '{"temperature":0.5}');
    form.append("image", new Blob([bytes]), "material");
    const query = "?analysis_type=general_description&temperature=0.5";
    const requests = [
      postJson({ ...fields, image_data: base64 }),
      postJson({ ...fields, image_data: `data:${mediaType};base64,${base64}` }),
      new Request("https://example.com/", { method: "POST", body: form }),
      postImage(query, "application/octet-stream", bytes),
      postImage(query, mediaType, bytes),
    ];
    for (const request of requests) {
      assert.deepEqual(withText(await read(request)), {
        picture: {
          kind: "bytes",
          mediaType,
          base64,
          sha256: await sha256Of(bytes),
          byteLength: bytes.byteLength,
          width: 150,
          height: 90,
        },
        analysisType: "general_description",
        prompt: null,
        model: null,
        temperature: 0.5,
        maxTokens: null,
        cacheMode: "use",
        palette: null,
        isStreamed: false,
        minPrecision: null,
        warnings: [],
      });
    }
  });
}

Deno.test("readAnalysisRequest() gives the same base64 for any bytes, whichever way they came", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (tail) => {
    const bytes = new Uint8Array([...GIF, ...tail]);
    const base64 = Buffer.from(bytes).toString("base64");
    const requests = [
      postJson({ image_data: base64 }),
      postForm({ image: new Blob([bytes]) }),
      postImage("", "image/gif", bytes),
    ];
    const sha256 = await sha256Of(bytes);
    for (const request of requests) {
      const { picture } = await read(request);
      assert.ok(picture.kind === "bytes" && textOf(picture.base64) === base64);
      assert.equal(picture.sha256, sha256);
    }
  }));
});

Deno.test("readAnalysisRequest() refuses a prompt in the URL of a picture, and says why", async () => {
  for (const query of ["?prompt=Which+wood", "?prompt=", "?prompt=a&prompt=b"]) {
    const problems = await problemsOf(postImage(query));
    assert.match(String(problems?.prompt), /URL, which is logged/);
  }
});

Deno.test("readAnalysisRequest() takes numbers and flags in a URL only in their plain form", async () => {
  const refused = {
    temperature: ["", "hot", "1e0", "0x1", "+1", "-0", " 1", "1 ", ".5", "1.", "NaN", "2.1", "1,5"],
    max_tokens: ["", "0", "1.5", "1e3", "0x10", "many", "-1", "99999999999999999999"],
    stream: ["", "1", "0", "yes", "TRUE", "null", "toString"],
    cache: ["", "USE", "on", "null"],
    analysis_type: ["", "colour"],
  };
  for (const [name, values] of Object.entries(refused)) {
    for (const value of values) {
      const problems = await problemsOf(postImage(`?${new URLSearchParams({ [name]: value })}`));
      assert.deepEqual(Object.keys(problems ?? {}), [name], `${name}="${value}"`);
    }
  }
  assert.deepEqual(await problemsOf(postImage("?max_tokens=4097")), {
    max_tokens: "must be at most 4096",
  });
  assert.equal((await read(postImage("?temperature=0"))).temperature, 0);
  assert.equal((await read(postImage("?stream=false"))).isStreamed, false);
});

Deno.test("readAnalysisRequest() names unknown fields and parameters in warnings", async () => {
  const names = async (request: Request) =>
    (await read(request)).warnings.map(({ message }) => /"(.*)"/.exec(message)?.[1]);
  assert.deepEqual(
    await names(postForm({ model: "gpt", file: new Blob(["x"]), options: '{"seed":1}' })),
    ["model", "file", "options.seed"],
  );
  assert.deepEqual(await names(postForm({ ["__proto__"]: "x" })), ["__proto__"]);
  assert.deepEqual(
    await names(postImage("?model=gpt&model=x&forceFunctionRegion=eu-west-1&__proto__=x")),
    ["model", "__proto__"],
  );
});

Deno.test("readAnalysisRequest() corrects a wrong label, and takes octet-stream for none", async () => {
  const jpeg = new Uint8Array(await encodePicture("baseline JPEG", { width: 8, height: 8 }));
  const warn = (request: Request) => read(request).then(({ warnings }) => warnings);
  const expected = [{
    code: "MEDIA_TYPE_CORRECTED",
    message: 'The picture is labelled "image/png" but is "image/jpeg"',
  }];
  assert.deepEqual(await warn(postImage("", "image/png", jpeg)), expected);
  assert.deepEqual(
    await warn(postForm({ image: new File([jpeg], "a", { type: "image/png" }) })),
    expected,
  );
  for (const type of ["image/jpeg", "image/jpg", "IMAGE/JPEG", "application/octet-stream"]) {
    assert.deepEqual(await warn(postImage("", type, jpeg)), [], type);
  }
  assert.deepEqual(await warn(postForm({ image: new File([jpeg], "a.png") })), []);
});

Deno.test("readAnalysisRequest() takes a part that is a picture whatever it is called, and says so", async () => {
  const request = postForm({ image: new File([GIF], "a", { type: "text/html" }) });
  assert.deepEqual((await read(request)).warnings, [{
    code: "MEDIA_TYPE_CORRECTED",
    message: 'The picture is labelled "text/html" but is "image/gif"',
  }]);
});

Deno.test("readAnalysisRequest() refuses bytes as parsePicture() refuses base64", async () => {
  const small = { maxImageBytes: 11 };
  for (
    const send of [
      postImage,
      (_: string, __: string, bytes: Uint8Array<ArrayBuffer>) =>
        postForm({ image: new Blob([bytes]) }),
    ]
  ) {
    const of = (bytes: Uint8Array<ArrayBuffer>) => send("", "application/octet-stream", bytes);
    await assertRejected(read(of(new Uint8Array())), "INVALID_IMAGE");
    await assertRejected(read(of(GIF.slice(0, 8))), "INVALID_IMAGE");
    await assertRejected(read(of(new TextEncoder().encode("<svg/>"))), "UNSUPPORTED_IMAGE_TYPE");
    const { details } = await assertRejected(read(of(GIF), small), "IMAGE_TOO_LARGE");
    assert.deepEqual(details, { image_bytes: 12, max_image_bytes: 11 });
  }
});

Deno.test("readAnalysisRequest() refuses another media type and lists what is taken", async () => {
  for (
    const type of [
      "text/html",
      "multipart/mixed; boundary=b",
      "application/jsonp",
      "imagine/png",
    ]
  ) {
    const { message } = await assertRejected(
      read(post(GIF, type)),
      "UNSUPPORTED_MEDIA_TYPE",
    );
    for (const taken of ["application/json", "multipart/form-data", "image/", "octet-stream"]) {
      assert.ok(message.includes(taken), message);
    }
  }
});

Deno.test("readAnalysisRequest() refuses a form of the type that curl gives to all", async () => {
  const body = new TextEncoder().encode("image_data=R0lGOD");
  await assertRejected(
    read(post(body, "application/x-www-form-urlencoded")),
    "UNSUPPORTED_MEDIA_TYPE",
  );
});

Deno.test("readAnalysisRequest() streams when the options or the Accept header say so", async () => {
  const accept = (accept: string) => read(postJson({}, { accept }));
  for (
    const text of [
      "text/event-stream",
      "application/json;q=0.5, Text/Event-Stream",
      "text/event-stream;q=0.1",
      "text/event-stream; charset=utf-8",
    ]
  ) assert.ok((await accept(text)).isStreamed, text);
  for (
    const text of ["*/*", "application/json", "", "text/event-streams", "text/event-stream;q=0"]
  ) assert.ok(!(await accept(text)).isStreamed, text);
  const said = (stream: boolean) =>
    read(postJson({ options: { stream } }, { accept: "text/event-stream" }));
  assert.equal((await said(false)).isStreamed, false);
  assert.equal((await said(true)).isStreamed, true);
});

Deno.test("readAnalysisRequest() throws nothing but an ApiError, whatever is sent", async () => {
  const type = fc.constantFrom(
    "application/json",
    "multipart/form-data; boundary=b",
    "image/png",
    "application/octet-stream",
  );
  const query = fc.webQueryParameters().map((query) => `?${query}`);
  await fc.assert(
    fc.asyncProperty(type, query, fc.uint8Array({ maxLength: 300 }), async (type, query, bytes) => {
      const error = await read(post(new Uint8Array(bytes), type, query)).then(() => null, (e) => e);
      assert.ok(error === null || error instanceof ApiError, String(error));
    }),
    { numRuns: 1_000 },
  );
});
