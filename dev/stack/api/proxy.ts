/** Passes a request on to another server and its response back, streaming both ways. */

// RFC 9110 §7.6.1, and `expect`, which the gateway's own server has responded to.
const hopByHop = [
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Where a request goes and what is said about it there. */
export interface ProxyOptions {
  /** The other server's URL for this request. */
  url: string;
  /** Replaces the request's headers. */
  headers?: Headers;
  /** Aborted when the client has gone away. */
  signal: AbortSignal;
}

/**
 * Forwards a request. The response's body is passed on as it comes, and not compressed.
 *
 * @throws {TypeError} when the other server can't be reached
 */
export async function proxyRequest(request: Request, options: ProxyOptions): Promise<Response> {
  const headers = withoutHopByHop(options.headers ?? request.headers);
  const { host, protocol, port } = new URL(request.url);
  headers.delete("host");
  headers.set("accept-encoding", "identity");
  headers.set("x-forwarded-host", host);
  headers.set("x-forwarded-proto", protocol.slice(0, -1));
  headers.set("x-forwarded-port", port);
  const response = await fetch(options.url, {
    method: request.method,
    headers,
    body: request.body,
    redirect: "manual",
    signal: options.signal,
  });
  const responseHeaders = withoutHopByHop(response.headers);
  if (responseHeaders.has("content-encoding")) {
    // `fetch` has decoded it all the same.
    responseHeaders.delete("content-encoding");
    responseHeaders.delete("content-length");
  }
  return new Response(response.body, {
    status: response.status,
    statusText: response.statusText,
    headers: responseHeaders,
  });
}

function withoutHopByHop(headers: Headers): Headers {
  const named = headers.get("connection")?.split(",").map((name) => name.trim()) ?? [];
  const kept = new Headers(headers);
  for (const name of [...hopByHop, ...named]) if (name) kept.delete(name);
  return kept;
}
