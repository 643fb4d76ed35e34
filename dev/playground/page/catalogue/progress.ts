/** How the analysis of the catalogue gets on, asked again and again while the room is open. */
import { signal } from "@preact/signals";
import type { CatalogueProgress } from "../../../catalogue/catalogue-progress.ts";

/** null until it was read. */
export const progress = signal<CatalogueProgress | null>(null);

/** Why it could not be read last time, in words; null where it was. */
export const problem = signal<string | null>(null);

const INTERVAL_MS = 2_000;

/**
 * Reads the progress now and every two seconds.
 *
 * @returns what ends it
 */
export function followProgress(): () => void {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout>;
  const read = async () => {
    try {
      const response = await fetch("local/catalogue", { signal: controller.signal });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      progress.value = await response.json();
      problem.value = null;
    } catch (error) {
      if (controller.signal.aborted) return;
      problem.value = `The progress can't be read: ${(error as Error).message}`;
    }
    timer = setTimeout(read, INTERVAL_MS);
  };
  void read();
  return () => {
    controller.abort();
    clearTimeout(timer);
  };
}
