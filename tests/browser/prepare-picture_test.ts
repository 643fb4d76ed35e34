/** The built client's `preparePicture` in Chromium, with and without a worker. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import sharp from "sharp";
import type { PreparedPicture } from "../../supabase/functions/_shared/client/picture/prepare-picture.ts";
import { findChromium, launchChromium } from "../../dev/playground/chromium.ts";
import { makePhonePicture, openClientPage } from "./client-page.ts";
import { measureLongestTask } from "./page-tasks.ts";

const executablePath = await findChromium();
if (!executablePath) {
  console.log("Skipped: no Chromium here (Debian: apt-get install chromium)");
}

/** A task of a page that a person does not notice. */
const MAX_TASK_MS = 50;

const solid = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: background.length > 7 ? 4 : 3, background } });
const noise = (width: number, height: number) => {
  const create = { width, height, channels: 3, background: "#000" } as const;
  return sharp({ create: { ...create, noise: { type: "gaussian", mean: 128, sigma: 60 } } });
};

/** Black and white grains of four pixels, of which a picture made smaller shows grey. */
function makeGrains(side: number): Promise<Uint8Array> {
  const grain = (x: number, y: number) => Math.sin(x * 12.9898 + y * 78.233) * 43758.5453 % 1 > 0;
  const pixels = Uint8Array.from(
    { length: side * side },
    (_, index) => grain(index % side >> 2, Math.floor(index / side) >> 2) ? 255 : 0,
  );
  return sharp(pixels, { raw: { width: side, height: side, channels: 1 } }).png().toBuffer();
}

/** Black above, white below, evenly. */
function makeGradient(width: number, height: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) pixels.fill(y * 255 / height, y * width, (y + 1) * width);
  return sharp(pixels, { raw: { width, height, channels: 1 } }).png().toBuffer();
}

const PICTURES = {
  "/phone.jpg": await makePhonePicture(),
  "/noise.png": await noise(2400, 2400).png().toBuffer(),
  "/plain.jpg": await solid(300, 200, "#a06a32").jpeg().toBuffer(),
  "/plain.png": await solid(300, 200, "#a06a32").png().toBuffer(),
  "/plain.webp": await solid(300, 200, "#a06a32").webp().toBuffer(),
  "/turned.jpg": await solid(300, 200, "#a06a32").withMetadata({ orientation: 8 }).jpeg()
    .toBuffer(),
  "/tagged.jpg": await solid(300, 200, "#a06a32")
    .withExif({ IFD0: { Copyright: "A name" } }).jpeg().toBuffer(),
  "/clear.png": await solid(300, 200, "#ff000000").png().toBuffer(),
  "/moving.gif": await solid(300, 200, "#a06a32").gif().toBuffer(),
  "/picture.avif": await solid(1500, 200, "#a06a32").avif().toBuffer(),
  "/panorama.jpg": await solid(8000, 40, "#a06a32").jpeg().toBuffer(),
  "/gradient.png": await makeGradient(3000, 4000),
  "/grains.png": await makeGrains(1000),
  "/empty.svg": new TextEncoder().encode(
    '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>',
  ),
  "/text.jpg": new TextEncoder().encode("This is no picture"),
  "/cut.jpg": (await solid(300, 200, "#a06a32").jpeg().toBuffer()).subarray(0, 200),
};

type Facts = Omit<PreparedPicture, "picture"> & { bytes: Uint8Array; error?: { code: string } };

for (
  const [way, policy] of [["in a worker", ""], ["where no worker may be", "script-src 'self'"]]
) {
  Deno.test({
    name: `preparePicture() ${way}`,
    ignore: !executablePath,
    // The child processes of Playwright and esbuild are theirs to end.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async (t) => {
      await using browser = await launchChromium(executablePath!);
      await using opened = await openClientPage(browser, {
        ...(policy && { policy }),
        files: PICTURES,
      });
      const { page } = opened;
      const prepare = async (path: keyof typeof PICTURES, options = {}): Promise<Facts> => {
        const result = await page.evaluate(
          `(async () => {
            const bytes = await (await fetch("${path}")).arrayBuffer();
            const file = new Blob([bytes], { type: "${
            path.endsWith(".svg") ? "image/svg+xml" : ""
          }" });
            try {
              const prepared = await client.preparePicture(file, ${JSON.stringify(options)});
              const bytes = new Uint8Array(await prepared.picture.arrayBuffer());
              return { ...prepared, bytes: Array.from(bytes) };
            } catch (error) {
              return { bytes: [], error: { name: error.name, code: error.code } };
            }
          })()`,
        ) as Facts;
        return { ...result, bytes: new Uint8Array(result.bytes) };
      };

      await t.step("a phone's picture is upright, small, without metadata", async () => {
        const { bytes, from, to, colors, isUntouched, quality } = await prepare("/phone.jpg");
        const { length } = PICTURES["/phone.jpg"];
        assert.deepEqual(from, { type: "image/jpeg", width: 3024, height: 4032, bytes: length });
        const { width, height, format, exif, orientation } = await sharp(bytes).metadata();
        assert.deepEqual({ width, height, format, exif, orientation }, {
          width: 839,
          height: 1119,
          format: "jpeg",
          exif: undefined,
          orientation: undefined,
        });
        assert.deepEqual(to, { type: "image/jpeg", width, height, bytes: bytes.length });
        assert.ok(bytes.length < 250_000, `${bytes.length} bytes`);
        assert.ok(!isUntouched && quality! > 0.4);
        const [top, bottom] = await Promise.all([20, 1000].map(async (y) => {
          const region = { left: 400, top: y, width: 40, height: 40 };
          // Statistics are those of a file as it came in.
          const part = await sharp(bytes).extract(region).png().toBuffer();
          return (await sharp(part).stats()).channels[2]!.mean;
        }));
        assert.ok(top! > 220 && bottom! < 120, `white above, brown below: ${top}, ${bottom}`);
        assert.deepEqual(colors.map(({ name }) => name.split(" ").at(-1)), ["brown", "white"]);
        assert.ok(Math.abs(colors[0]!.share - 5 / 6) < 0.03, Deno.inspect(colors));
      });

      await t.step("it does not block the page", async () => {
        const longestMs = await measureLongestTask(
          browser,
          page,
          () =>
            page.evaluate(
              "fetch('/phone.jpg').then((response) => response.blob())" +
                ".then((file) => client.preparePicture(file)).then(() => undefined)",
            ),
        );
        assert.ok(longestMs < MAX_TASK_MS, `${longestMs} ms`);
      });

      await t.step("a picture that hardly compresses still fits", async () => {
        const { bytes, to, quality } = await prepare("/noise.png");
        assert.ok(bytes.length < 250_000 && bytes.length > 100_000, `${bytes.length} bytes`);
        assert.ok(quality! < 0.92);
        assert.equal(to.width, to.height);
        const tiny = await prepare("/noise.png", { maxBytes: 2_000 });
        assert.ok(tiny.bytes.length < 2_000 && tiny.to.width < 400, Deno.inspect(tiny.to));
      });

      for (const path of ["/plain.jpg", "/plain.png", "/plain.webp"] as const) {
        await t.step(`${path} passes untouched`, async () => {
          const { bytes, isUntouched, from, to, quality, colors } = await prepare(path);
          assert.deepEqual(bytes, new Uint8Array(PICTURES[path]));
          assert.ok(isUntouched && quality === null);
          assert.deepEqual(from, to);
          assert.equal(colors[0]!.share, 1);
        });
      }

      const redrawn: [path: keyof typeof PICTURES, width: number, height: number][] = [
        ["/turned.jpg", 200, 300],
        ["/tagged.jpg", 300, 200],
        ["/moving.gif", 300, 200],
        ["/clear.png", 300, 200],
        ["/picture.avif", 1119, 149],
        ["/panorama.jpg", 1119, 5],
      ];
      for (const [path, width, height] of redrawn) {
        await t.step(`${path} is drawn anew, ${width} by ${height}`, async () => {
          const { bytes, isUntouched } = await prepare(path);
          assert.ok(!isUntouched);
          const facts = await sharp(bytes).metadata();
          assert.deepEqual([facts.format, facts.width, facts.height], ["jpeg", width, height]);
          assert.equal(facts.exif, undefined);
        });
      }

      await t.step("no seam shows where its parts were drawn", async () => {
        const { bytes, to } = await prepare("/gradient.png");
        const rows = await sharp(bytes).greyscale().resize(1, to.height, { fit: "fill" }).raw()
          .toBuffer();
        assert.deepEqual([to.width, to.height, rows.length], [839, 1119, 1119]);
        for (let y = 1; y < rows.length; y++) {
          const step = rows[y]! - rows[y - 1]!;
          assert.ok(Math.abs(step) <= 2, `row ${y} differs by ${step}`);
        }
      });

      await t.step("the colours are those of the grains, not their mean", async () => {
        const { colors } = await prepare("/grains.png");
        assert.deepEqual(colors.map(({ name }) => name).sort(), ["black", "white"]);
        for (const { share } of colors) assert.ok(Math.abs(share - 0.5) < 0.05, `${share}`);
      });

      await t.step("what is transparent becomes white", async () => {
        const { bytes, colors } = await prepare("/clear.png");
        const { channels } = await sharp(bytes).stats();
        assert.deepEqual(channels.map(({ min }) => min), [255, 255, 255]);
        assert.deepEqual(colors, [{ name: "white", hex: "#ffffff", share: 1 }]);
      });

      for (const path of ["/text.jpg", "/cut.jpg", "/empty.svg"] as const) {
        await t.step(`${path} is unreadable`, async () => {
          const { error } = await prepare(path);
          assert.deepEqual(error, { name: "SemanticAnalysisError", code: "PICTURE_UNREADABLE" });
        });
      }

      await t.step("searchMaterials() prepares a picture that is given as text too", async () => {
        const dataUri = `data:image/jpeg;base64,${
          Buffer.from(PICTURES["/tagged.jpg"]).toString("base64")
        }`;
        const sent = await page.evaluate(`(async () => {
          let sent;
          const invoke = async (_, { body }) => {
            sent = body;
            return { data: { results: [], search_metadata: {} }, error: null };
          };
          const query_image = ${JSON.stringify(dataUri)};
          await client.searchMaterials({ functions: { invoke } }, { search_type: "hybrid", query_image });
          return sent.query_image;
        })()`) as string;
        const { exif, width } = await sharp(Buffer.from(sent, "base64")).metadata();
        assert.deepEqual([exif, width], [undefined, 300]);
      });

      await t.step("it ends when its signal aborts, before it has begun and later", async () => {
        const codes = await page.evaluate(`(async () => {
          const file = await (await fetch("/phone.jpg")).blob();
          const codes = [];
          for (const abort of [(end) => end(), (end) => setTimeout(end)]) {
            const controller = new AbortController();
            const prepared = client.preparePicture(file, { signal: controller.signal });
            abort(() => controller.abort());
            codes.push(await prepared.catch((error) => error.code));
          }
          return codes;
        })()`);
        assert.deepEqual(codes, ["ABORTED", "ABORTED"]);
        const { error } = await prepare("/plain.jpg");
        assert.equal(error, undefined, "the next one has its turn");
      });
    },
  });
}
