/** A page in Chromium that has the built client, and pictures to give it. */
import sharp from "sharp";
import type { Browser, Page } from "playwright-core";
import { buildClient } from "../../dev/package/build-client.ts";

/** Of the page's server. */
export interface ClientPageOptions {
  /** `Content-Security-Policy` of the page. */
  policy?: string;
  /** By path, such as `/phone.jpg`. */
  files: Record<string, Uint8Array>;
}

/** Serves a page whose `client` is the built module, and opens it. */
export async function openClientPage(
  browser: Browser,
  { policy, files }: ClientPageOptions,
): Promise<{ page: Page } & AsyncDisposable> {
  const folder = await Deno.makeTempDir();
  await buildClient(folder);
  const script = await Deno.readTextFile(`${folder}/client.js`);
  await Deno.remove(folder, { recursive: true });
  const texts: Record<string, [type: string, text: string]> = {
    "/": ["text/html", `<!doctype html><script type="module" src="/page.js"></script>`],
    "/page.js": [
      "text/javascript",
      `import * as client from "/client.js";\nwindow.client = client;`,
    ],
    "/client.js": ["text/javascript", script],
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const file = files[pathname];
    if (file) return new Response(file as Uint8Array<ArrayBuffer>);
    const [type, text] = texts[pathname] ?? ["text/plain", ""];
    return new Response(text, {
      headers: { "Content-Type": type, ...(policy && { "Content-Security-Policy": policy }) },
    });
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.addr.port}/`);
  await page.waitForFunction("window.client !== undefined");
  return {
    page,
    [Symbol.asyncDispose]: async () => {
      await page.close();
      await server.shutdown();
    },
  };
}

/**
 * What a phone's camera makes: 12 megapixels with the noise of a sensor, lying on its side with an
 * orientation that says so, with the place and the maker. Seen upright, its uppermost sixth is white.
 */
export async function makePhonePicture({ quality = 92 } = {}): Promise<Uint8Array> {
  const [width, height] = [4032, 3024];
  const noise = { type: "gaussian", mean: 120, sigma: 30 } as const;
  const white = { width: width / 6, height, channels: 3, background: "#f4f4f4" } as const;
  return await sharp({ create: { width, height, channels: 3, background: "#000", noise } })
    .tint("#a06a32")
    .composite([{ input: { create: white }, left: 0, top: 0 }])
    .withMetadata({ orientation: 6 })
    .withExifMerge({
      IFD0: { Make: "A maker of phones", Model: "Phone 12" },
      IFD3: {
        GPSLatitudeRef: "N",
        GPSLatitude: "48/1 51/1 29/1",
        GPSLongitudeRef: "E",
        GPSLongitude: "2/1 17/1 40/1",
      },
    })
    .jpeg({ quality })
    .toBuffer();
}
