import assert from "node:assert/strict";
import sharp from "sharp";
import {
  type ColourStore,
  createMeasure,
  measureColours,
  type PictureToMeasure,
} from "../../../dev/catalogue/measure-colours.ts";
import { CatalogueError } from "../../../dev/catalogue/project-address.ts";

/** What the project gives of a page at most, as `max_rows` of its API sets it. */
const MAX_ROWS = 700;

/** A project with these pictures, of which those that are stored are measured. */
function createStore(sources: string[]) {
  const stored = new Map<string, string>();
  const pictures = sources.map((source, index) => ({
    material_id: `material-${String(index).padStart(4, "0")}`,
    source,
    owner_id: null,
  }));
  const store: ColourStore = {
    listPictures({ after, limit, isAgain }) {
      const listed = pictures
        .map((picture): PictureToMeasure => ({
          ...picture,
          source_hash: stored.get(picture.material_id) ?? null,
        }))
        .filter(({ material_id, source_hash }) =>
          (after === null || material_id > after) && (isAgain || source_hash === null)
        );
      return Promise.resolve(listed.slice(0, Math.min(limit, MAX_ROWS)));
    },
    storePalette({ material_id }, { hash }) {
      stored.set(material_id, hash);
      return Promise.resolve();
    },
  };
  return { store, stored };
}

const measureNothing = ({ source }: { source: string }) =>
  source.startsWith("bad")
    ? Promise.reject(new Error("answered 404"))
    : Promise.resolve({ colors: [], hash: `hash of ${source}` });

Deno.test("colours: all pictures are measured once, whatever the pages; bad ones are told and tried again", async () => {
  const { store, stored } = createStore([
    ...Array.from({ length: 2_100 }, (_, index) => `${index}`),
    "bad",
  ]);
  const { signal } = new AbortController();
  const first = await measureColours({ store, measure: measureNothing, signal });
  assert.deepEqual(first, {
    ended: "done",
    pictures: 2_101,
    measured: 2_100,
    unchanged: 0,
    failed: 1,
    failures: [{ material_id: "material-2100", source: "bad", reason: "answered 404" }],
  });
  assert.equal(stored.size, 2_100);
  const second = await measureColours({ store, measure: measureNothing, signal });
  assert.deepEqual([second.pictures, second.failed], [1, 1]);
});

Deno.test("colours: again, a picture of the same bytes is left as it is", async () => {
  const { store, stored } = createStore(["a", "b"]);
  const { signal } = new AbortController();
  await measureColours({ store, measure: measureNothing, signal });
  stored.set("material-0001", "hash of another");
  const again = await measureColours({ store, measure: measureNothing, isAgain: true, signal });
  assert.deepEqual([again.measured, again.unchanged], [1, 1]);
  assert.equal(stored.get("material-0001"), "hash of b");
});

Deno.test("colours: a run that is ended has stored what it measured, and the next one goes on", async () => {
  const { store, stored } = createStore(Array.from({ length: 50 }, (_, index) => `${index}`));
  const interrupted = new AbortController();
  const first = await measureColours({
    store,
    measure: measureNothing,
    onProgress: ({ measured }) => measured === 10 && interrupted.abort(),
    signal: interrupted.signal,
  });
  assert.equal(first.ended, "interrupted");
  assert.ok(first.measured < 20 && first.measured === stored.size, `${first.measured}`);
  const { signal } = new AbortController();
  const second = await measureColours({ store, measure: measureNothing, limit: 5, signal });
  assert.deepEqual([second.ended, second.measured], ["done", 5]);
  await measureColours({ store, measure: measureNothing, signal });
  assert.equal(stored.size, 50);
});

Deno.test("colours: the same bytes at another place are stored, or they would be listed for ever", async () => {
  const { store, stored } = createStore([]);
  const moved = {
    material_id: "m",
    source: "new place",
    source_hash: "hash of new place",
    owner_id: null,
  };
  store.listPictures = ({ after }) => Promise.resolve(after === null ? [moved] : []);
  const { signal } = new AbortController();
  const { measured, unchanged } = await measureColours({ store, measure: measureNothing, signal });
  assert.deepEqual([measured, unchanged, stored.size], [1, 0, 1]);
});

Deno.test("colours: a palette that could not be stored is told, five in a row end the run", async () => {
  const { store, stored } = createStore(Array.from({ length: 12 }, (_, index) => `${index}`));
  const { signal } = new AbortController();
  const storePalette = store.storePalette;
  let calls = 0;
  const passing = new CatalogueError("answered 503", { isPassing: true });
  store.storePalette = (picture, measured) =>
    ++calls % 4 === 0 ? Promise.reject(passing) : storePalette(picture, measured);
  const { failed, failures } = await measureColours({ store, measure: measureNothing, signal });
  assert.deepEqual([failed, stored.size, failures[0]!.reason], [3, 9, "answered 503"]);
  for (const error of [passing, new CatalogueError("answered 401")]) {
    const { store } = createStore(["a", "b", "c", "d", "e"]);
    store.storePalette = () => Promise.reject(error);
    await assert.rejects(measureColours({ store, measure: measureNothing, signal }), error);
  }
});

const project = { url: "https://ref.supabase.co", secretKey: "sb_secret_x" };

const swatch = new Uint8Array(
  await sharp({ create: { width: 300, height: 200, channels: 3, background: "#b68350" } })
    .png().toBuffer(),
);

/** A project's API, and the requests that it got: address, key and body. */
function createApi(answer: (url: string) => Response) {
  const asked: [url: string, key: string | null, body: string | null][] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    asked.push([
      String(input),
      new Headers(init?.headers).get("apikey"),
      init?.body ? String(init.body) : null,
    ]);
    return Promise.resolve(answer(String(input)));
  };
  return { fetch, asked };
}

Deno.test("colours: a picture is fetched whole, from Storage with the secret, and measured", async () => {
  const { fetch, asked } = createApi((url) => {
    if (url.endsWith("/photos/missing.png")) {
      const told = { statusCode: "404", error: "not_found", message: "Object not found" };
      return Response.json(told, { status: 400 });
    }
    return url.endsWith("missing.png") ? new Response("no", { status: 404 }) : new Response(swatch);
  });
  const measureSource = createMeasure(project, fetch);
  const measure = (source: string) => measureSource({ source, owner_id: null });
  const measured = await measure("storage://photos/a b&c?.png");
  assert.deepEqual(measured.colors.map(({ hex, share }) => [hex, share]), [["#b68350", 1]]);
  assert.match(measured.hash, /^[0-9a-f]{64}$/);
  assert.deepEqual(await measure("https://a.example/b.png"), measured);
  await assert.rejects(measure("https://a.example/missing.png"), /answered 404/);
  await assert.rejects(measure("storage://photos/missing.png"), /404 \(Object not found\)/);
  const stored = "https://ref.supabase.co/storage/v1/object/authenticated/photos";
  assert.deepEqual(asked.slice(0, 2), [
    [`${stored}/a%20b%26c%3F.png`, "sb_secret_x", null],
    ["https://a.example/b.png", null, null],
  ]);
});

Deno.test("colours: dots in a place lead to no other route, with the secret of the project", async () => {
  const { fetch, asked } = createApi(() => new Response(swatch));
  const measure = createMeasure(project, fetch);
  for (
    const place of ["photos/../../rest/v1/secrets", "../a.png", "photos//a.png", "photos/ü.png"]
  ) {
    await assert.rejects(
      measure({ source: `storage://${place}`, owner_id: null }),
      /its (bucket|path) must/,
      place,
    );
  }
  assert.deepEqual(asked, []);
});

Deno.test("colours: of a user's own material only that user's objects and public URLs are read", async () => {
  const { fetch, asked } = createApi((url) =>
    url.includes("/rpc/") ? Response.json(null) : new Response(swatch)
  );
  const measure = createMeasure(project, fetch);
  const owner_id = "00000000-0000-4000-8000-000000000001";
  for (const source of ["storage://photos/ada/a.png", "http://127.0.0.1/a", "https://10.0.0.1/a"]) {
    await assert.rejects(measure({ source, owner_id }), /no picture that the material's user may/);
  }
  assert.deepEqual(asked, [[
    "https://ref.supabase.co/rest/v1/rpc/semantic_analysis_read_object",
    "sb_secret_x",
    JSON.stringify({ p_bucket: "photos", p_path: "ada/a.png", p_owner_id: owner_id }),
  ]]);
  const own = createApi((url) =>
    url.includes("/rpc/") ? Response.json({ id: "1" }) : new Response(swatch)
  );
  const measureOwn = createMeasure(project, own.fetch);
  assert.equal((await measureOwn({ source: "storage://photos/a.png", owner_id })).colors.length, 1);
  await measureOwn({ source: "https://a.example/b.png", owner_id });
  assert.equal(own.asked.length, 3);
});

Deno.test("colours: a user's picture that is redirected is followed to public addresses alone", async () => {
  const { fetch, asked } = createApi((url) => {
    const to = url.endsWith("/loop") ? url : new URL(url).searchParams.get("to");
    return to === null
      ? new Response(swatch)
      : new Response(null, { status: 302, headers: { location: to } });
  });
  const measure = createMeasure(project, fetch);
  const owner_id = "00000000-0000-4000-8000-000000000001";
  const redirected = (to: string) => `https://a.example/?to=${encodeURIComponent(to)}`;
  await measure({ source: redirected(redirected("/b.png")), owner_id });
  assert.deepEqual(asked.at(-1), ["https://a.example/b.png", null, null]);
  for (const to of ["http://127.0.0.1/camera.jpg", "https://router.local/", "/loop"]) {
    await assert.rejects(
      measure({ source: redirected(to), owner_id }),
      /not public|redirected more/,
      to,
    );
  }
  assert.ok(asked.every(([url]) => url.startsWith("https://a.example/")));
});
