import assert from "node:assert/strict";
import sharp from "sharp";
import {
  type ColourStore,
  createMeasure,
  measureColours,
  type PictureToMeasure,
} from "../../../dev/catalogue/measure-colours.ts";

/** A project with these pictures, of which those that are stored are measured. */
function createStore(sources: string[]) {
  const stored = new Map<string, string>();
  const pictures = sources.map((source, index) => ({
    material_id: `material-${String(index).padStart(4, "0")}`,
    source,
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
      return Promise.resolve(listed.slice(0, limit));
    },
    storePalette({ material_id }, { hash }) {
      stored.set(material_id, hash);
      return Promise.resolve();
    },
  };
  return { store, stored };
}

const measureNothing = (source: string) =>
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

Deno.test("colours: a picture is fetched whole, from Storage with the secret, and measured", async () => {
  const swatch = await sharp({
    create: { width: 300, height: 200, channels: 3, background: "#b68350" },
  }).png().toBuffer();
  const asked: [string, string | null][] = [];
  const measure = createMeasure(
    { url: "https://ref.supabase.co", secretKey: "sb_secret_x" },
    (input, init) => {
      asked.push([String(input), new Headers(init?.headers).get("apikey")]);
      const isThere = !String(input).endsWith("missing.png");
      return Promise.resolve(
        isThere ? new Response(new Uint8Array(swatch)) : new Response("no", { status: 404 }),
      );
    },
  );
  const measured = await measure("storage://photos/a b.png");
  assert.deepEqual(measured.colors.map(({ hex, share }) => [hex, share]), [["#b68350", 1]]);
  assert.match(measured.hash, /^[0-9a-f]{64}$/);
  assert.deepEqual(await measure("https://a.example/b.png"), measured);
  await assert.rejects(measure("https://a.example/missing.png"), /answered 404/);
  assert.deepEqual(asked.slice(0, 2), [
    ["https://ref.supabase.co/storage/v1/object/authenticated/photos/a%20b.png", "sb_secret_x"],
    ["https://a.example/b.png", null],
  ]);
});
