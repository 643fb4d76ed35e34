/**
 * The script of the worker: picture-worker.ts, bundled, and a call of `answerRequests`. The build of the
 * package puts its text here, because a worker of a package that any bundler may take apart can only
 * be started from text. Without that build it is null, and the page's own thread does the work.
 */
export const WORKER_SCRIPT: string | null = null;
