import assert from "node:assert/strict";
import {
  type AllowedOrigins,
  isOriginEntry,
  setCorsHeaders,
  toPreflightResponse,
} from "../../../../../supabase/functions/_shared/platform/http/cors.ts";

const ORIGINS = ["https://app.example.com", "http://localhost:3000"];

const UNLISTED = [
  "https://evil.example.com",
  "https://app.example.com.evil.com",
  "https://app.example.com:8443",
  "http://app.example.com",
  "https://APP.example.com",
  "null",
  "*",
  "",
];

function requestFrom(origin: string | null): Request {
  return new Request("https://example.com/", { headers: origin === null ? {} : { origin } });
}

function corsHeaders(origin: string | null, allowedOrigins: AllowedOrigins): Headers {
  const headers = new Headers();
  setCorsHeaders(headers, requestFrom(origin), allowedOrigins);
  return headers;
}

Deno.test("setCorsHeaders() allows every origin by *, and varies by none", () => {
  for (const origin of ["https://anywhere.example.com", "null", null]) {
    const headers = corsHeaders(origin, "*");
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("vary"), null);
  }
});

Deno.test("setCorsHeaders() allows a listed origin by its name", () => {
  for (const origin of ORIGINS) {
    const headers = corsHeaders(origin, ORIGINS);
    assert.equal(headers.get("access-control-allow-origin"), origin);
    assert.equal(headers.get("vary"), "Origin");
  }
});

Deno.test("setCorsHeaders() allows no other origin, and says that it depends on it", () => {
  for (const origin of [...UNLISTED, null]) {
    const headers = corsHeaders(origin, ORIGINS);
    assert.deepEqual([...headers], [["vary", "Origin"]], `for "${origin}"`);
  }
  assert.deepEqual([...corsHeaders(ORIGINS[0]!, [])], [["vary", "Origin"]]);
});

Deno.test("setCorsHeaders() keeps what the answer already varies by", () => {
  const headers = new Headers({ vary: "Accept-Encoding" });
  setCorsHeaders(headers, requestFrom(ORIGINS[0]!), ORIGINS);
  assert.equal(headers.get("vary"), "Accept-Encoding, Origin");
});

Deno.test("setCorsHeaders() exposes every header that our answers may carry", () => {
  for (const allowedOrigins of ["*", ORIGINS] as const) {
    const exposed = corsHeaders(ORIGINS[0]!, allowedOrigins).get("access-control-expose-headers");
    assert.deepEqual(exposed?.split(", ").sort(), [
      "Age",
      "RateLimit",
      "RateLimit-Policy",
      "Retry-After",
      "Server-Timing",
      "X-Cache",
      "X-Request-Id",
    ]);
  }
});

Deno.test("setCorsHeaders() never allows cookies", () => {
  const headers = corsHeaders(ORIGINS[0]!, ORIGINS);
  assert.equal(headers.get("access-control-allow-credentials"), null);
});

Deno.test("toPreflightResponse() answers with methods, headers and a day of validity", async () => {
  const response = toPreflightResponse(requestFrom(ORIGINS[0]!), ORIGINS, "GET, POST, OPTIONS");
  assert.equal(response.status, 204);
  assert.equal(await response.text(), "");
  const { headers } = response;
  assert.equal(headers.get("access-control-allow-methods"), "GET, POST, OPTIONS");
  assert.equal(headers.get("access-control-max-age"), "86400");
  assert.equal(headers.get("access-control-allow-origin"), ORIGINS[0]);
  assert.equal(headers.get("vary"), "Access-Control-Request-Headers, Origin");
});

Deno.test("toPreflightResponse() allows the headers that are asked for, if they are names", () => {
  const allowedFor = (asked: string) =>
    toPreflightResponse(
      new Request("https://example.com/", { headers: { "access-control-request-headers": asked } }),
      "*",
      "POST",
    ).headers.get("access-control-allow-headers")!;
  for (
    const asked of ["sentry-trace", "authorization,baggage,sentry-trace,x-datadog-trace-id", "X-My"]
  ) {
    assert.equal(allowedFor(asked), asked);
  }
  for (const asked of ["<script>", "x".repeat(5_000), "a:b", '"a"']) {
    assert.ok(allowedFor(asked).startsWith("authorization, "), asked);
  }
});

Deno.test("setCorsHeaders() lets * stand for one leading label, and for nothing else", () => {
  const entries = ["https://*.example.com", "http://*.localhost:3000"];
  const isAllowed = (origin: string) =>
    corsHeaders(origin, entries).get("access-control-allow-origin") === origin;
  for (
    const origin of ["https://a.example.com", "https://b-1.example.com", "http://x.localhost:3000"]
  ) {
    assert.ok(isAllowed(origin), origin);
  }
  for (
    const origin of [
      "https://example.com",
      "https://.example.com",
      "https://a.b.example.com",
      "https://evil.com/.example.com",
      "https://evil.com#.example.com",
      "https://a.example.com:8443",
      "http://a.example.com",
      "https://a.example.com.evil.com",
      "http://x.localhost",
      "https://*.example.com",
    ]
  ) assert.ok(!isAllowed(origin), origin);
});

Deno.test("setCorsHeaders() allows origins of apps and extensions by their name", () => {
  for (
    const origin of [
      "capacitor://localhost",
      "tauri://localhost",
      "ionic://localhost",
      "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
      "moz-extension://0b1a2c3d-0000-4000-8000-000000000000",
    ]
  ) {
    assert.ok(isOriginEntry(origin), origin);
    assert.equal(corsHeaders(origin, [origin]).get("access-control-allow-origin"), origin);
  }
});

Deno.test("isOriginEntry() takes what a browser sends and no other spelling", () => {
  for (
    const entry of ["https://app.example.com", "http://127.0.0.1:5173", "http://[::1]:8080", ...[
      "https://*.example.com",
      "http://*.localhost:3000",
    ]]
  ) assert.ok(isOriginEntry(entry), entry);
  for (
    const entry of [
      "",
      "*",
      "app.example.com",
      "https://app.example.com/",
      "https://app.example.com/path",
      "https://APP.example.com",
      "https://app.example.com:443",
      "https://*",
      "https://*.com",
      "https://a.*.example.com",
      "https://*.*.example.com",
      "https://user@example.com",
      "https://ümlaut.example.com",
      "//example.com",
      "null",
    ]
  ) assert.ok(!isOriginEntry(entry), entry);
});

Deno.test("toPreflightResponse() allows every header that supabase-js sends, and no secret's", () => {
  const { headers } = toPreflightResponse(requestFrom(null), "*", "POST");
  const allowed = headers.get("access-control-allow-headers")!.split(", ");
  for (
    const header of [
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
    ]
  ) assert.ok(allowed.includes(header), header);
  // It counts beside a project secret alone, which no browser holds.
  assert.ok(!allowed.includes("x-user-id"));
});

Deno.test("toPreflightResponse() allows no origin that isn't listed", () => {
  for (const origin of UNLISTED) {
    const { headers } = toPreflightResponse(requestFrom(origin), ORIGINS, "POST");
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
});
