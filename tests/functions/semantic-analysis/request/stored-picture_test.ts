/** Pictures in Storage, from the request to the response, on a Storage of the test's. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type {
  StoredObject,
  StoredObjects,
} from "../../../../supabase/functions/_shared/platform/storage/stored-objects.ts";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import type { StorageRights } from "../../../../supabase/functions/_shared/platform/storage/storage-rights.ts";
import { STATE } from "../../../support/fake-limiter.ts";
import { refusal } from "../../../support/fake-together.ts";
import { createFunction, IMAGE, SERVICE, type Setup } from "../../../support/function.ts";

const GIF = new Uint8Array(Buffer.from(IMAGE, "base64"));
const OBJECT: StoredObject = {
  id: "id-1",
  version: "v1",
  etag: "d41d8cd98f00b204e9800998ecf8427e",
  byteLength: GIF.byteLength,
  mediaType: "image/gif",
  isPublic: false,
};
const image = { bucket: "photos", path: "u/a.gif" };
const SIGNED = "https://project.example/storage/v1/object/sign/photos/u/a.gif?token=t";

/** A function whose Storage has one object, and notes what it is asked. */
function createWithObject(
  found: (Partial<StoredObject> | null | Error)[] = [{}],
  setup: Setup = {},
  downloadedEtag: string | null = null,
) {
  const asked: { call: string; rights?: StorageRights; options?: unknown }[] = [];
  let finds = 0;
  const objects: Partial<StoredObjects> = {
    find: (_place, rights) => {
      asked.push({ call: "find", rights });
      const object = found[Math.min(finds++, found.length - 1)]!;
      if (object instanceof Error) return Promise.reject(object);
      return Promise.resolve(object && { ...OBJECT, ...object });
    },
    sign: (_place, rights, options) => {
      asked.push({ call: "sign", rights, options });
      return Promise.resolve(SIGNED);
    },
    download: (_place, rights) => {
      asked.push({ call: "download", rights });
      return Promise.resolve({ bytes: GIF.slice(), etag: downloadedEtag });
    },
  };
  return {
    asked,
    calls: () => asked.map(({ call }) => call),
    ...createFunction({ objects, ...setup }),
  };
}

const urlOf = (body: unknown) => {
  // deno-lint-ignore no-explicit-any
  const content = (body as any).messages.flatMap(({ content }: any) => content);
  // deno-lint-ignore no-explicit-any
  return content.find((part: any) => part.type === "image_url").image_url.url;
};

Deno.test("stored picture: passed on as a signed URL, no byte of it is read", async () => {
  const { post, together, asked, calls } = createWithObject();
  const response = await post({ image });
  assert.equal(response.status, 200);
  assert.deepEqual((await response.json()).warnings, []);
  assert.equal(urlOf(together.requests[0]!.body), SIGNED);
  assert.deepEqual(calls(), ["find", "sign"]);
  assert.deepEqual(asked[1]!.options, { expiresInSeconds: 130, maxEdge: null });
});

Deno.test("stored picture: a hit asks Storage once, and no model", async () => {
  const answer = JSON.stringify({
    analysis: "Oak.",
    material: null,
    model_used: "a/model",
    model_requested: "a/model",
    warnings: [],
    usage: { estimated_prompt_tokens: 1, estimated_cost_usd: 0 },
    figure: { raw: null, method: "none", families: null, model: "a/model" },
  });
  const { post, together, calls } = createWithObject([{}], {
    decisions: [{ outcome: "hit", state: STATE, answer, ageMs: 0 }],
  });
  assert.equal((await (await post({ image })).json()).cached, true);
  assert.deepEqual(calls(), ["find"]);
  assert.equal(together.requests.length, 0);
});

Deno.test("stored picture: a missing one and a foreign one are one answer", async () => {
  const { post, limiter } = createWithObject([null]);
  const response = await post({ image });
  assert.equal(response.status, 404);
  const { error } = await response.json();
  assert.equal(error.code, "IMAGE_NOT_FOUND");
  assert.equal(error.details, undefined);
  assert.equal(limiter.reserved.length, 0);
});

Deno.test("stored picture: where a path begins with its bucket, a missing one says so", async () => {
  const { post } = createWithObject([null]);
  const messageOf = async (path: string) =>
    (await (await post({ image: { bucket: "photos", path } })).json()).error.message;
  const message = "There is no such picture in Storage, or you may not read it";
  assert.equal(
    await messageOf("photos/u/a.gif"),
    `${message}; a path is without its bucket's name`,
  );
  assert.equal(await messageOf("photos-of-us/a.gif"), message);
});

Deno.test("stored picture: size and declared type are checked before anything is spent", async () => {
  const cases = [
    [{ byteLength: 0 }, "INVALID_IMAGE"],
    [{ byteLength: 7_000_000 }, "IMAGE_TOO_LARGE"],
    [{ mediaType: "application/pdf" }, "UNSUPPORTED_IMAGE_TYPE"],
    [{ mediaType: "image/heic" }, "UNSUPPORTED_IMAGE_TYPE"],
  ] as const;
  for (const [object, code] of cases) {
    const { post, limiter } = createWithObject([object]);
    assert.equal((await (await post({ image })).json()).error.code, code);
    assert.equal(limiter.reserved.length, 0);
  }
  for (const mediaType of ["", "image/*", "application/octet-stream", "image/jpg; charset=x"]) {
    assert.equal((await createWithObject([{ mediaType }]).post({ image })).status, 200, mediaType);
  }
});

Deno.test("stored picture: read as bytes where the URL can't be passed on", async () => {
  const setups: Setup[] = [
    { variables: { STORAGE_PASS: "bytes" } },
    { isStorageReachable: false },
    { variables: { TOGETHER_BASE_URL: "https://other.example/v1" } },
  ];
  for (const setup of setups) {
    const { post, together, calls } = createWithObject([{}], setup);
    assert.equal((await post({ image })).status, 200);
    assert.match(urlOf(together.requests[0]!.body), /^data:image\/gif;base64,/);
    assert.deepEqual(calls(), ["find", "download"]);
  }
});

Deno.test("stored picture: in a public bucket its public URL is passed on", async () => {
  const { post, together, calls } = createWithObject([{ isPublic: true }]);
  assert.equal((await post({ image })).status, 200);
  assert.equal(urlOf(together.requests[0]!.body), "https://project.example/public/photos/u/a.gif");
  assert.deepEqual(calls(), ["find"]);
});

Deno.test("stored picture: its answer is settled before the response, with what it is about", async () => {
  const { post, limiter } = createWithObject();
  const body = await (await post({ image })).json();
  assert.deepEqual(body.warnings, []);
  assert.deepEqual(limiter.compared, [
    { place: image, ownerId: "u", id: "id-1", version: "v1", isUnchanged: false },
  ]);
  const [settlement, ...others] = limiter.settled;
  assert.ok(settlement!.answer!.ttlSeconds > 0);
  assert.equal(others.length, 0);
});

Deno.test("stored picture: one that changed meanwhile is answered with a warning, plain and streamed", async () => {
  const { post, limiter } = createWithObject([{}], { isUnchanged: false });
  const body = await (await post({ image })).json();
  assert.deepEqual(body.warnings.map(({ code }: { code: string }) => code), ["IMAGE_CHANGED"]);
  const streamed = await (await post({ image, options: { stream: true } })).text();
  assert.match(streamed, /event: result\ndata: .*"code":"IMAGE_CHANGED"/);
  assert.equal(limiter.compared.length, 2);
});

Deno.test("stored picture: where settling fails, the bytes that were read tell", async () => {
  const bytes = { variables: { STORAGE_PASS: "bytes" } };
  const cases: [Setup, etag: string | null, isUnchanged: boolean][] = [
    [bytes, OBJECT.etag, true],
    [bytes, "0".repeat(32), false],
    [bytes, null, false],
    [{}, OBJECT.etag, false],
  ];
  const failure = new ApiError("RATE_LIMITER_UNAVAILABLE", "The database is away");
  for (const [setup, etag, isUnchanged] of cases) {
    const { post, limiter } = createWithObject([{}], { ...setup, isUnchanged: failure }, etag);
    const response = await post({ image });
    assert.equal(response.status, 200);
    assert.equal((await response.json()).warnings.length === 0, isUnchanged);
    assert.equal(limiter.compared[0]!.isUnchanged, isUnchanged);
  }
});

Deno.test("stored picture: without an answer it is settled like any other", async () => {
  const { post, limiter } = createWithObject([{}], { answers: [refusal(422)] });
  assert.equal((await post({ image })).status, 502);
  assert.equal(limiter.compared.length, 0);
  assert.equal(limiter.settled.length, 1);
});

Deno.test("stored picture: equal bytes are one key, other bytes and other users are not", async () => {
  const keyOf = async (object: Partial<StoredObject>, setup: Setup = {}) => {
    const { post, limiter } = createWithObject([object], setup);
    await post({ image });
    return limiter.reserved[0]!.cacheKey;
  };
  const own = await keyOf({});
  assert.equal(await keyOf({ id: "other", version: "v2" }), own);
  assert.notEqual(await keyOf({ byteLength: 1 }), own);
  const isProject = { variables: { ANALYSIS_CACHE_SCOPE: "project" } };
  assert.notEqual(await keyOf({}, { ...isProject, caller: SERVICE }), await keyOf({}, isProject));
  const ofParts = { etag: "d41d8cd98f00b204e9800998ecf8427e-3" };
  assert.notEqual(await keyOf(ofParts), await keyOf({ ...ofParts, version: "v2" }));
});

Deno.test("stored picture: the rights are the token's, the secret's, or a named user's own", async () => {
  const rightsOf = async (setup: Setup, headers: Record<string, string>) => {
    const { post, asked } = createWithObject([{}], setup);
    await post({ image }, headers);
    return asked.map(({ rights }) => rights);
  };
  const ofUser = {
    headers: { apikey: "sb_secret_x", Authorization: "Bearer token" },
    ownerId: null,
  };
  assert.deepEqual(await rightsOf({}, { Authorization: "Bearer token" }), [ofUser, ofUser]);
  const [ofService] = await rightsOf({ caller: SERVICE }, { apikey: "sb_secret_x" });
  assert.deepEqual(ofService, { headers: { apikey: "sb_secret_x" }, ownerId: null });
  const [ofNamed] = await rightsOf({}, { apikey: "sb_secret_x", "x-user-id": "u" });
  assert.deepEqual(ofNamed, { headers: { apikey: "sb_secret_x" }, ownerId: "u" });
  const [ofBearerSecret] = await rightsOf({}, { Authorization: "Bearer sb_secret_x" });
  assert.equal(ofBearerSecret!.ownerId, "u");
});

Deno.test("stored picture: smaller copies are asked for where the operator says so", async () => {
  const { post, asked } = createWithObject([{}], { variables: { STORAGE_TRANSFORM: "true" } });
  await post({ image });
  assert.deepEqual(asked[1]!.options, { expiresInSeconds: 130, maxEdge: 1119 });
});

Deno.test("stored picture: a place that isn't one, or two pictures, are refused unasked", async () => {
  const bodies = [
    [{ image: { bucket: "photos", path: "../a" } }, "image.path"],
    [{ image: { path: "a" } }, "image.bucket"],
    [{ image: "photos/a" }, "image"],
    [{ image, image_data: IMAGE }, "image"],
    [{ image, image_data: "A".repeat(20_000) }, "image"],
    [{ image: null }, "image_data"],
  ] as const;
  for (const [body, field] of bodies) {
    const { post, asked } = createWithObject();
    const response = await post(body);
    assert.equal(response.status, 400, JSON.stringify(body).slice(0, 80));
    assert.deepEqual(Object.keys((await response.json()).error.details), [field]);
    assert.equal(asked.length, 0);
  }
});
