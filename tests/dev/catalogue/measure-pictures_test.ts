import assert from "node:assert/strict";
import sharp from "sharp";
import { createRandom } from "../../../dev/random.ts";
import { measurePictures, readPictureSize } from "../../../dev/catalogue/measure-pictures.ts";

/** Long enough that its first 64 KB are a part of it. */
async function makeNoise(format: "jpeg" | "png" | "webp" | "gif") {
  const [width, height] = [350, 250];
  const random = createRandom(1);
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => random() * 256);
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
  return new Uint8Array(await picture.toFormat(format, { quality: 100 }).toBuffer());
}

Deno.test("picture size: the first 64 KB of each kind tell it", async () => {
  for (const format of ["jpeg", "png", "webp", "gif"] as const) {
    const bytes = await makeNoise(format);
    assert.ok(bytes.length > 65_536, `${format} has ${bytes.length} bytes`);
    assert.deepEqual(await readPictureSize(bytes.subarray(0, 65_536)), [350, 250], format);
  }
  assert.equal(await readPictureSize(new TextEncoder().encode("hello")), null);
  assert.equal(await readPictureSize(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)), "unreadable");
});

Deno.test("measured pictures: by URL and from Storage, no more than 64 KB of each; unread ones are left out", async () => {
  const bytes = await makeNoise("png");
  let cancelled = 0;
  const asked: [string, string | null, string | null][] = [];
  const sample = await measurePictures({
    known: 2,
    strata: [
      { pictures: 7, sources: ["https://a.example/1.png", "storage://photos/a b/c?.png"] },
      { pictures: 3, sources: ["https://a.example/missing", "https://a.example/text"] },
    ],
  }, {
    project: { url: "https://ref.supabase.co", secretKey: "sb_secret_x" },
    storedEdge: null,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      asked.push([String(input), headers.get("range"), headers.get("apikey")]);
      if (String(input).endsWith("missing")) {
        return Promise.resolve(new Response("", { status: 404 }));
      }
      if (String(input).endsWith("text")) return Promise.resolve(new Response("hello"));
      const body = new ReadableStream({
        pull: (controller) => controller.enqueue(bytes.slice(0, 70_000)),
        cancel: () => void cancelled++,
      });
      return Promise.resolve(new Response(body));
    },
  });
  assert.deepEqual(sample, {
    known: 2,
    strata: [{ pictures: 7, tokens: [1_601, 1_601] }, { pictures: 3, tokens: [null] }],
  });
  assert.equal(cancelled, 2);
  const range = "bytes=0-65535";
  assert.deepEqual(asked.slice(0, 2), [
    ["https://a.example/1.png", range, null],
    [
      "https://ref.supabase.co/storage/v1/object/authenticated/photos/a%20b/c%3F.png",
      range,
      "sb_secret_x",
    ],
  ]);
});

Deno.test("measured pictures: no address that is not public is asked, nor redirected to", async () => {
  const asked: string[] = [];
  const bytes = await makeNoise("png");
  const sources = [
    "http://127.0.0.1/a.png",
    "https://10.0.0.1/a.png",
    "https://router.local/a.png",
    "https://a.example/?to=http://127.0.0.1/camera.jpg",
    "https://a.example/?to=/b.png",
  ];
  const { strata } = await measurePictures({ known: 0, strata: [{ pictures: 5, sources }] }, {
    project: { url: "https://ref.supabase.co", secretKey: "sb_secret_x" },
    storedEdge: null,
    fetch: (input, init) => {
      asked.push(String(input));
      assert.equal(init?.redirect, "manual");
      assert.equal(new Headers(init?.headers).get("range"), "bytes=0-65535");
      const location = new URL(String(input)).searchParams.get("to");
      return Promise.resolve(
        location === null
          ? new Response(bytes)
          : new Response(null, { status: 302, headers: { location } }),
      );
    },
  });
  assert.deepEqual(strata, [{ pictures: 5, tokens: [1_601] }]);
  assert.deepEqual(asked.sort(), [
    "https://a.example/?to=/b.png",
    "https://a.example/?to=http://127.0.0.1/camera.jpg",
    "https://a.example/b.png",
  ]);
});

Deno.test("measured pictures: what Storage makes small counts as it is then", async () => {
  const large = new Uint8Array(
    await sharp({ create: { width: 2_000, height: 1_500, channels: 3, background: "#a52" } })
      .jpeg().toBuffer(),
  );
  const tokensOf = async (source: string, storedEdge: number | null) => {
    const { strata } = await measurePictures({
      known: 0,
      strata: [{ pictures: 1, sources: [source] }],
    }, {
      project: { url: "https://ref.supabase.co", secretKey: "sb_secret_x" },
      storedEdge,
      fetch: () => Promise.resolve(new Response(large)),
    });
    return strata[0]!.tokens[0];
  };
  assert.equal(await tokensOf("storage://photos/a/b.jpg", 1_119), 1_601);
  assert.equal(await tokensOf("storage://photos/a/b.jpg", null), 6_404);
  // A key that Storage's form for one object can't sign, and a picture that is elsewhere.
  assert.equal(await tokensOf("storage://photos/a&b.jpg", 1_119), 6_404);
  assert.equal(await tokensOf("https://a.example/b.jpg", 1_119), 6_404);
});
