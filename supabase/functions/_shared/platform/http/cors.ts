/** Cross-origin headers. supabase-js's own list lacks `x-region`, every Expose header and Max-Age. */

const ALLOWED_HEADERS = [
  "authorization",
  "apikey",
  "content-type",
  "accept",
  "x-client-info",
  "x-region",
  "x-request-id",
  "x-deadline-ms",
  "traceparent",
  "tracestate",
  "baggage",
].join(", ");

const EXPOSED_HEADERS = [
  "RateLimit-Policy",
  "RateLimit",
  "Retry-After",
  "X-Request-Id",
  "Server-Timing",
  "X-Cache",
  "Age",
].join(", ");

/** `"*"`, or the exact origins (`https://app.example.com`) that browsers may call from. */
export type AllowedOrigins = "*" | readonly string[];

/** Adds the headers that let a browser read the answer, if its origin may. */
export function setCorsHeaders(
  headers: Headers,
  request: Request,
  allowedOrigins: AllowedOrigins,
): void {
  if (allowedOrigins === "*") {
    headers.set("Access-Control-Allow-Origin", "*");
  } else {
    headers.append("Vary", "Origin");
    const origin = request.headers.get("origin");
    if (origin === null || !allowedOrigins.includes(origin)) return;
    headers.set("Access-Control-Allow-Origin", origin);
  }
  headers.set("Access-Control-Expose-Headers", EXPOSED_HEADERS);
}

/** Answers a preflight. */
export function toPreflightResponse(
  request: Request,
  allowedOrigins: AllowedOrigins,
  methods: string,
): Response {
  const headers = new Headers({
    "Access-Control-Allow-Methods": methods,
    "Access-Control-Allow-Headers": ALLOWED_HEADERS,
    "Access-Control-Max-Age": "86400",
  });
  setCorsHeaders(headers, request, allowedOrigins);
  return new Response(null, { status: 204, headers });
}
