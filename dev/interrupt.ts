/** The first Ctrl-C may come twice: from the terminal, and passed on by `deno task`. Within this it is one. */
const SAME_MS = 1_000;

/** What is outside, for tests. */
export interface InterruptOptions {
  listen?: (signal: "SIGINT" | "SIGTERM", onSignal: () => void) => void;
  /** Milliseconds since some moment. */
  now?: () => number;
  /** Ends the process. */
  end?: () => void;
}

/**
 * Aborted by the first Ctrl-C, or SIGTERM, so that what is under way can be brought to its end. Another one, a
 * second later or more, ends the process at once.
 */
export function listenForInterrupt(
  {
    listen = Deno.addSignalListener,
    now = () => performance.now(),
    end = () => Deno.exit(130),
  }: InterruptOptions = {},
): AbortSignal {
  const controller = new AbortController();
  let firstMs = Infinity;
  const onSignal = () => {
    if (now() - firstMs >= SAME_MS) end();
    firstMs = Math.min(firstMs, now());
    controller.abort();
  };
  listen("SIGINT", onSignal);
  listen("SIGTERM", onSignal);
  return controller.signal;
}
