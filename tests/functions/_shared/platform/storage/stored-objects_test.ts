import assert from "node:assert/strict";
import { createStoredObjects } from "../../../../../supabase/functions/_shared/platform/storage/stored-objects.ts";
import type { StorageRights } from "../../../../../supabase/functions/_shared/platform/storage/storage-rights.ts";

const place = { bucket: "photos", path: "a/b&c.jpg" };
const rights: StorageRights = {
  headers: { apikey: "k", Authorization: "Bearer t" },
  ownerId: null,
};
const row = { id: "i", version: "v", etag: '"e"', byte_length: 4, media_type: "image/png" };
const refused = (statusCode: string) =>
  Response.json({ statusCode, error: "not_found", message: "Object not found" }, { status: 400 });

/** Storage of a project whose answers are these, in turn. */
function createObjects(...answers: (Response | Error)[]) {
  const requests: Request[] = [];
  const objects = createStoredObjects({
    supabaseUrl: "https://ref.supabase.co/",
    fetch: (input, init) => {
      requests.push(new Request(input, init));
      const answer = answers[requests.length - 1]!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return { objects, requests };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(() => "none", (error: { code?: string }) => error.code);

Deno.test("stored objects: a row that the caller may select is found by one call", async () => {
  const { objects, requests } = createObjects(Response.json(row));
  assert.deepEqual(await objects.find(place, { ...rights, ownerId: "u" }), {
    id: "i",
    version: "v",
    etag: "e",
    byteLength: 4,
    mediaType: "image/png",
    isPublic: false,
  });
  assert.equal(
    requests[0]!.url,
    "https://ref.supabase.co/rest/v1/rpc/semantic_analysis_read_object",
  );
  assert.deepEqual(await requests[0]!.json(), {
    p_bucket: "photos",
    p_path: "a/b&c.jpg",
    p_owner_id: "u",
  });
  assert.equal(requests[0]!.headers.get("authorization"), "Bearer t");
});

Deno.test("stored objects: without a row, a public bucket's object is found without rights", async () => {
  const info = { id: "i", version: "v", etag: '"e"', size: 4, content_type: "image/png" };
  const { objects, requests } = createObjects(Response.json(null), Response.json(info));
  assert.equal((await objects.find(place, rights))?.isPublic, true);
  assert.equal(
    requests[1]!.url,
    "https://ref.supabase.co/storage/v1/object/info/public/photos/a/b%26c.jpg",
  );
  assert.equal(requests[1]!.headers.get("authorization"), null);
  const missing = createObjects(Response.json(null), refused("404"));
  assert.equal(await missing.objects.find(place, rights), null);
});

Deno.test("stored objects: what is not set up and what is down are told apart", async () => {
  for (const code of ["PGRST202", "PGRST106", "42P01"]) {
    const { objects } = createObjects(Response.json({ code }, { status: 404 }));
    assert.equal(await codeOf(objects.find(place, rights)), "NOT_CONFIGURED");
  }
  const failures = [
    new TypeError("connection refused"),
    Response.json({ code: "57014" }, { status: 500 }),
    new Response("<html>", { status: 502 }),
    Response.json({ id: 1 }),
  ];
  for (const failure of failures) {
    const { objects } = createObjects(failure);
    assert.equal(await codeOf(objects.find(place, rights)), "UPSTREAM_UNAVAILABLE");
  }
  for (const failure of [new Response(null, { status: 500 }), refused("429")]) {
    const { objects } = createObjects(Response.json(null), failure);
    assert.equal(await codeOf(objects.find(place, rights)), "UPSTREAM_UNAVAILABLE");
  }
});

Deno.test("stored objects: a URL is signed by the form that is right for every key", async () => {
  const signedURL = "/object/sign/photos/a/b&c.jpg?token=x.y.z";
  const { objects, requests } = createObjects(
    Response.json([{ error: null, path: "", signedURL }]),
  );
  assert.equal(
    await objects.sign(place, rights, { expiresInSeconds: 130, maxEdge: 1119 }),
    "https://ref.supabase.co/storage/v1/object/sign/photos/a/b%26c.jpg?token=x.y.z",
  );
  assert.equal(requests[0]!.url, "https://ref.supabase.co/storage/v1/object/sign/photos");
  assert.deepEqual(await requests[0]!.json(), { expiresIn: 130, paths: ["a/b&c.jpg"] });
  const refusal = createObjects(Response.json([{ error: "Either", path: "", signedURL: null }]));
  assert.equal(await refusal.objects.sign(place, rights, { expiresInSeconds: 1 }), null);
});

Deno.test("stored objects: a signed path without a token is an answer that can't be read", async () => {
  for (
    const signedURL of ["/object/sign/photos/a/b.jpg", "/object/sign/photos/a/b.jpg?token=", ""]
  ) {
    const many = createObjects(Response.json([{ error: null, path: "", signedURL }]));
    const one = createObjects(Response.json({ signedURL }));
    for (const [{ objects }, maxEdge] of [[many, null], [one, 1119]] as const) {
      await assert.rejects(
        objects.sign({ bucket: "photos", path: "a/b.jpg" }, rights, {
          expiresInSeconds: 1,
          maxEdge,
        }),
        { code: "UPSTREAM_UNAVAILABLE", message: "Storage gave an answer that can't be read" },
        signedURL,
      );
    }
  }
});

Deno.test("stored objects: a smaller copy only where the signed path says that there is one", async () => {
  const plain = { bucket: "photos", path: "a/b.jpg" };
  const transformed = "/render/image/sign/photos/a/b.jpg?token=x";
  const on = createObjects(Response.json({ signedURL: transformed }));
  const options = { expiresInSeconds: 130, maxEdge: 1119 };
  assert.equal(
    await on.objects.sign(plain, rights, options),
    `https://ref.supabase.co/storage/v1${transformed}`,
  );
  assert.deepEqual(await on.requests[0]!.json(), {
    expiresIn: 130,
    transform: { width: 1119, height: 1119, resize: "contain" },
  });
  const signedURL = "/object/sign/photos/a/b.jpg?token=y";
  const off = createObjects(Response.json({ signedURL }));
  assert.equal(
    await off.objects.sign(plain, rights, options),
    `https://ref.supabase.co/storage/v1${signedURL}`,
  );
});

Deno.test("stored objects: a download is what the row said, or nothing", async () => {
  const bytes = (length: number, headers = {}) => new Response(new Uint8Array(length), { headers });
  const object = { byteLength: 4, isPublic: false };
  const whole = createObjects(bytes(4, { etag: '"0a"' }));
  assert.deepEqual(await whole.objects.download(place, rights, object), {
    bytes: new Uint8Array(4),
    etag: "0a",
  });
  assert.match(whole.requests[0]!.url, /\/object\/authenticated\/photos\/a\/b%26c\.jpg$/);
  for (const answer of [bytes(5), bytes(3), new Response(null), refused("404")]) {
    assert.equal(await createObjects(answer).objects.download(place, rights, object), null);
  }
  const cut = new ReadableStream({ pull: (controller) => controller.error(new TypeError("cut")) });
  await assert.rejects(
    createObjects(new Response(cut)).objects.download(place, rights, object),
    { code: "UPSTREAM_UNAVAILABLE" },
  );
  const ofPublic = createObjects(bytes(4));
  await ofPublic.objects.download(place, rights, { ...object, isPublic: true });
  assert.match(ofPublic.requests[0]!.url, /\/object\/public\//);
  assert.equal(ofPublic.requests[0]!.headers.get("apikey"), null);
});
