/** Work that goes on after the answer. */

declare global {
  /** The hosted runtime's own; undefined elsewhere. */
  var EdgeRuntime: { waitUntil(work: Promise<unknown>): void } | undefined;
}

/**
 * Does the work once the response is on its way, and keeps the worker alive until it is done; its failure
 * is the work's own business.
 */
export type RunInBackground = (work: () => Promise<unknown>) => void;

/**
 * @param runtime The hosted runtime's `EdgeRuntime`; elsewhere the process stays alive by itself.
 *   https://supabase.com/docs/guides/functions/background-tasks
 */
export function createRunInBackground(
  runtime: { waitUntil(work: Promise<unknown>): void } | undefined,
): RunInBackground {
  return (work) => {
    // A timer ends after all promises that can go on have gone on, so also those of the response.
    const done = new Promise((resolve) => setTimeout(resolve, 0)).then(work).catch(() => {});
    runtime?.waitUntil(done);
  };
}
