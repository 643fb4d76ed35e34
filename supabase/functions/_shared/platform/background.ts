/** Work that goes on after the answer. */

declare global {
  /** The hosted runtime's own; undefined elsewhere. */
  var EdgeRuntime: { waitUntil(work: Promise<unknown>): void } | undefined;
}

/** Keeps the worker alive until the work is done; its failure is the work's own business. */
export type RunInBackground = (work: Promise<unknown>) => void;

/**
 * @param runtime The hosted runtime's `EdgeRuntime`; elsewhere the process stays alive by itself.
 *   https://supabase.com/docs/guides/functions/background-tasks
 */
export function createRunInBackground(
  runtime: { waitUntil(work: Promise<unknown>): void } | undefined,
): RunInBackground {
  return (work) => {
    const guarded = work.catch(() => {});
    runtime?.waitUntil(guarded);
  };
}
