import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { runInNewContext } from "node:vm";
import {
  analysePicture,
  type AnalysePictureOptions,
} from "../../../../../supabase/functions/_shared/client/analyse-picture.ts";
import { streamAnalysis } from "../../../../../supabase/functions/_shared/client/stream-analysis.ts";
import {
  type AnalysisRequest,
  type PictureSource,
  toBytes,
  withPrepared,
} from "../../../../../supabase/functions/_shared/client/picture/picture-source.ts";
import { ANALYSIS, createFakeClient, streamOf } from "../../../../support/analysis-client.ts";

const BYTES = Uint8Array.of(0xff, 0xd8, 0xff, 0, 1, 2, 3, 250);

/** More than what is around it in its buffer. */
const VIEW = new Uint8Array([9, 9, ...BYTES, 9]).subarray(2, 10);

const AS_BYTES: Record<string, PictureSource> = {
  "a File": new File([BYTES], "photo.jpg", { type: "image/jpeg" }),
  "a Blob": new Blob([BYTES]),
  "an ArrayBuffer": BYTES.slice().buffer,
  "a Uint8Array": BYTES,
  "a view of a larger buffer": VIEW,
  "a Buffer": Buffer.from(BYTES),
  // As of a frame, or of jsdom in a test.
  "a Uint8Array of another window": runInNewContext(`Uint8Array.of(${BYTES})`),
  "an ArrayBuffer of another window": runInNewContext(
    `Uint8Array.of(${BYTES}).buffer`,
  ),
};

for (const [name, picture] of Object.entries(AS_BYTES)) {
  Deno.test(`analysePicture() sends ${name} as a form`, async () => {
    const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
    await analysePicture(client, picture);
    const form = await requests[0]!.formData();
    assert.deepEqual([...form.keys()], ["image"]);
    assert.deepEqual(new Uint8Array(await (form.get("image") as File).arrayBuffer()), BYTES);
  });
}

const AS_TEXT: Record<string, [PictureSource, string]> = {
  base64: ["/9j/AAECA/o=", "/9j/AAECA/o="],
  "a data: URI": ["data:image/jpeg;base64,/9j/", "data:image/jpeg;base64,/9j/"],
  "a URL as text": ["https://example.com/a b.jpg", "https://example.com/a b.jpg"],
  "a URL object": [new URL("https://example.com/oak.jpg"), "https://example.com/oak.jpg"],
};

for (const [name, [picture, sent]] of Object.entries(AS_TEXT)) {
  Deno.test(`analysePicture() sends ${name} as JSON`, async () => {
    const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
    await analysePicture(client, picture);
    assert.deepEqual(await requests[0]!.json(), { image_data: sent });
  });
}

Deno.test("analysePicture() names a picture in Storage by its bucket and path", async () => {
  const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
  const image = { bucket: "photos", path: "a/b.jpg" };
  await analysePicture(client, image);
  await analysePicture(client, { image, options: { cache: "off" } });
  assert.deepEqual(await requests[0]!.json(), { image });
  assert.deepEqual(await requests[1]!.json(), { image, options: { cache: "off" } });
});

Deno.test("analysePicture() sends what is asked beside the picture's bytes", async () => {
  const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
  await analysePicture(client, {
    image_data: BYTES,
    analysis_type: "general_description",
    prompt: "Which wood is this?",
    options: { temperature: 0, cache: "refresh" },
  });
  const form = await requests[0]!.formData();
  assert.equal(form.get("analysis_type"), "general_description");
  assert.equal(form.get("prompt"), "Which wood is this?");
  assert.deepEqual(JSON.parse(form.get("options") as string), { temperature: 0, cache: "refresh" });
});

Deno.test("analysePicture() takes what is given as undefined for what is left out", async () => {
  const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
  // By their types, too, under exactOptionalPropertyTypes.
  const request: AnalysisRequest = {
    image_data: BYTES,
    image: undefined,
    prompt: undefined,
    options: { temperature: undefined, palette: undefined },
  };
  const options: AnalysePictureOptions = {
    signal: undefined,
    timeoutMs: undefined,
    userToken: undefined,
    requestId: undefined,
    prepare: undefined,
    onPrepared: undefined,
  };
  await analysePicture(client, request, options);
  const form = await requests[0]!.formData();
  assert.deepEqual([...form.keys()].sort(), ["image", "options"]);
  assert.equal(form.get("options"), "{}");
  assert.equal(requests[0]!.headers.get("x-request-id"), null);
});

Deno.test("analysePicture() sends a prepared picture with the colours that were measured", async () => {
  const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
  const colors = [{ hex: "#b68350", share: 0.7, name: "warm brown" }];
  await analysePicture(client, { picture: new Blob([BYTES]), colors });
  const form = await requests[0]!.formData();
  assert.deepEqual(JSON.parse(form.get("options") as string), { palette: colors });
  assert.deepEqual(new Uint8Array(await (form.get("image") as File).arrayBuffer()), BYTES);
});

Deno.test("withPrepared() leaves a palette of the caller's, and options that are none", () => {
  const prepared = {
    picture: new Blob([BYTES]),
    colors: [{ hex: "#b68350", share: 0.7, name: "warm brown" }],
  };
  const optionsOf = (options: unknown) =>
    withPrepared({ options } as AnalysisRequest, prepared).options;
  assert.deepEqual(optionsOf({ palette: [] }), { palette: [] });
  assert.deepEqual(optionsOf({ cache: "off" }), {
    palette: prepared.colors,
    cache: "off",
  });
  assert.deepEqual(optionsOf({ palette: undefined }), {
    palette: prepared.colors,
  });
  assert.equal(optionsOf("fast"), "fast");
});

Deno.test("streamAnalysis() asks for a stream in a form as well", async () => {
  const { client, requests } = createFakeClient(() => streamOf(["result", ANALYSIS]));
  for await (const _ of streamAnalysis(client, new Blob([BYTES]))) { /* to its end */ }
  const form = await requests[0]!.formData();
  assert.deepEqual(JSON.parse(form.get("options") as string), { stream: true });
});

Deno.test("analysePicture() leaves it to the function what to say of no picture", async () => {
  for (const nothing of [null, undefined, 7, {}, []]) {
    const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
    await analysePicture(client, nothing as unknown as PictureSource);
    assert.equal(requests.length, 1);
  }
});

Deno.test("analysePicture() sends base64 in React Native, whose forms take no bytes", async () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, "navigator")!;
  Object.defineProperty(globalThis, "navigator", {
    value: { product: "ReactNative" },
    configurable: true,
  });
  try {
    const bytes = Uint8Array.from({ length: 70_001 }, (_, index) => index % 251);
    const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
    await analysePicture(client, bytes);
    await analysePicture(client, new Blob([bytes], { type: "image/jpeg" }));
    const base64 = Buffer.from(bytes).toString("base64");
    assert.equal((await requests[0]!.json()).image_data, base64);
    assert.equal((await requests[1]!.json()).image_data, `data:image/jpeg;base64,${base64}`);
  } finally {
    Object.defineProperty(globalThis, "navigator", original);
  }
});

Deno.test("toBytes() reads base64, alone and in a data: URI, byte for byte", async () => {
  const base64 = Buffer.from(BYTES).toString("base64");
  for (const text of [base64, `data:image/jpeg;base64,${base64}`]) {
    const blob = await toBytes(text) as Blob | Uint8Array;
    const bytes = blob instanceof Blob ? await blob.bytes() : blob;
    assert.deepEqual(Buffer.from(bytes), Buffer.from(BYTES));
  }
  assert.equal(await toBytes("https://example.com/oak.jpg"), null);
});

Deno.test("toBytes() reads base64 with line breaks that is decoded in slices, byte for byte", async () => {
  const bytes = Uint8Array.from({ length: 1_200_000 }, (_, index) => index * 7_919 >> 3);
  for (const lineBreak of ["\n", "\r\n"]) {
    const base64 = Buffer.from(bytes).toString("base64").replace(/.{76}/g, `$&${lineBreak}`);
    const blob = await toBytes(base64) as Blob | null;
    assert.ok(blob && Buffer.from(bytes).equals(await blob.bytes()), JSON.stringify(lineBreak));
  }
});
