/** Longer than any server takes that a request would wait for. */
const TIMEOUT_MS = 10_000;

/**
 * Opens a connection to a server that requests will soon need, so that its handshakes pass while a worker
 * reads its first request: with 30 ms to the database and to the provider that took a third of the time to
 * the first answer away. Asks for nothing and sends no key; what comes back, a failure too, means nothing.
 * Without TLS there is little to save.
 */
export function openConnection(url: string, fetch = globalThis.fetch): void {
  if (!url.startsWith("https:")) return;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  fetch(new URL("/", url), { method: "HEAD", redirect: "manual", signal })
    .then((response) => response.body?.cancel())
    .catch(() => {});
}
