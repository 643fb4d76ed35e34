/** A headless Chromium, where the machine has one. */
import { type Browser, chromium } from "playwright-core";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of the first Chromium that is there; null where there is none. */
export async function findChromium(): Promise<string | null> {
  for (const path of PATHS) {
    const exists = await Deno.stat(path).then(() => true, () => false);
    if (exists) return path;
  }
  return null;
}

/** Starts a Chromium, with a profile of its own that is gone afterwards. */
export async function launchChromium(
  executablePath: string,
  moreArgs: string[] = [],
): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...moreArgs,
    ],
  });
}
