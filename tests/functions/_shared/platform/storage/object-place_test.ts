import assert from "node:assert/strict";
import {
  encodePlace,
  parseObjectPlace,
} from "../../../../../supabase/functions/_shared/platform/storage/object-place.ts";
import fc from "../../../../support/fast-check.ts";

const place = { bucket: "photos", path: "a/b & c/d+e=@.jpg" };

Deno.test("object place: bucket and path are taken as they are", () => {
  assert.deepEqual(parseObjectPlace(place), { place, problems: null });
  assert.equal(encodePlace(place), "photos/a/b%20%26%20c/d%2Be%3D%40.jpg");
});

Deno.test("object place: what would leave the bucket, or can't exist, is refused", () => {
  const paths = ["", "/a", "a/", "a//b", ".", "..", "a/../b", "../b", "a/.", "a\\b", "ü", "a\nb"];
  for (const path of [...paths, "a%2e%2e/b", "a".repeat(901), 1, null, undefined]) {
    const { problems } = parseObjectPlace({ bucket: "photos", path });
    assert.deepEqual(Object.keys(problems!), ["path"], String(path));
  }
  for (const bucket of ["", ".", "..", "a/b", "a".repeat(101), "ü", "a?\0", 1, null]) {
    const { problems } = parseObjectPlace({ bucket, path: "a" });
    assert.deepEqual(Object.keys(problems!), ["bucket"], String(bucket));
  }
  for (const value of ["photos/a", [], null, 1]) {
    assert.deepEqual(Object.keys(parseObjectPlace(value).problems!), [""]);
  }
});

Deno.test("object place: no text that is taken leads to another place once it is a URL", () => {
  const base = "http://localhost/storage/v1/object/authenticated/";
  fc.assert(
    fc.property(fc.string(), fc.string(), (bucket, path) => {
      const parsed = parseObjectPlace({ bucket, path });
      if (parsed.place === null) return;
      const { href, search, hash } = new URL(base + encodePlace(parsed.place));
      const [first, ...others] = href.slice(base.length).split("/").map(decodeURIComponent);
      assert.ok(href.startsWith(base));
      assert.deepEqual([first, others.join("/"), search, hash], [bucket, path, "", ""]);
    }),
    { numRuns: 2_000 },
  );
});
