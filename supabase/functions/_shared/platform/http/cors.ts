/**
 * Cross-origin headers. No cookie counts here, so which headers a page sends is its own affair: it may send
 * all that it asks for, whatever monitoring puts into its requests.
 */

/** For a preflight that asks for none. */
const USUAL_HEADERS = [
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

/** What a preflight may ask for: names of headers, not thousands of them. */
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~, -]{1,2048}$/;

/**
 * `"*"`, or the origins that browsers may call from: exact ones (`https://app.example.com`,
 * `capacitor://localhost`), or with `*` for one leading label (`https://*.example.com`).
 */
export type AllowedOrigins = "*" | readonly string[];

const WILDCARD = "://*.";

/**
 * Whether a text can be an entry of `AllowedOrigins`: exactly as a browser sends it, for any other spelling
 * would match nothing.
 */
export function isOriginEntry(text: string): boolean {
  const isWild = text.includes(WILDCARD);
  const origin = text.replace(WILDCARD, "://label.");
  const [, scheme, host] =
    /^([a-z][a-z0-9+.-]*):\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d+)?$/.exec(origin) ??
      [];
  if (scheme === undefined || host === undefined || !URL.canParse(origin)) return false;
  // `https://*.com` would allow every site.
  if (isWild && host.split(".").length < 3 && host !== "label.localhost") return false;
  return !/^https?$/.test(scheme) || new URL(origin).origin === origin;
}

function isAllowed(origin: string, entry: string): boolean {
  if (!entry.includes(WILDCARD)) return origin === entry;
  const [before, after] = entry.split("*") as [string, string];
  const label = origin.slice(before.length, origin.length - after.length);
  return origin.length > before.length + after.length && /^[a-z0-9_-]+$/.test(label) &&
    origin.startsWith(before) && origin.endsWith(after);
}

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
    if (origin === null || !allowedOrigins.some((entry) => isAllowed(origin, entry))) return;
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
  const asked = request.headers.get("access-control-request-headers") ?? "";
  const headers = new Headers({
    "Access-Control-Allow-Methods": methods,
    "Access-Control-Allow-Headers": HEADER_NAMES.test(asked) ? asked : USUAL_HEADERS,
    "Access-Control-Max-Age": "86400",
    "Vary": "Access-Control-Request-Headers",
  });
  setCorsHeaders(headers, request, allowedOrigins);
  return new Response(null, { status: 204, headers });
}
