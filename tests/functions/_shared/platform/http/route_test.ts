import assert from "node:assert/strict";
import {
  requireMethod,
  toRoute,
} from "../../../../../supabase/functions/_shared/platform/http/route.ts";

const routeOf = (path: string) => toRoute(new Request(`http://localhost${path}`), "visual-search");

Deno.test("toRoute() is the path below the function, however much of it is left", () => {
  for (const prefix of ["/functions/v1/visual-search", "/visual-search", ""]) {
    assert.equal(routeOf(`${prefix}/health`), "/health");
    assert.equal(routeOf(`${prefix}/api/mivaa/gateway/`), "/api/mivaa/gateway");
    assert.equal(routeOf(`${prefix}/`), "/");
  }
  assert.equal(routeOf("/visual-search?a=1"), "/");
  assert.equal(routeOf("/visual-searches"), "/visual-searches");
});

Deno.test("toRoute() refuses a request whose Host header makes no URL", () => {
  for (const host of ["a b", "[::1", "a:99999", "%zz"]) {
    // What Deno.serve hands over, and Request's constructor would refuse.
    const request = { url: `http://${host}/` } as Request;
    assert.throws(() => toRoute(request, "visual-search"), { code: "INVALID_REQUEST" }, host);
  }
});

Deno.test("toRoute() takes no seconds for a path of thousands of slashes, and leaves out those at its end", () => {
  const slashes = "/".repeat(100_000);
  assert.equal(routeOf(`/visual-search${slashes}`), "/");
  assert.equal(routeOf(`/visual-search${slashes}x`), `${slashes}x`);
  assert.equal(routeOf(`/visual-search/health${slashes}`), "/health");
});

Deno.test("requireMethod() names the method that is wanted", () => {
  const request = new Request("http://localhost/", { method: "DELETE" });
  assert.throws(() => requireMethod(request, "POST"), {
    code: "METHOD_NOT_ALLOWED",
    headers: { Allow: "POST, OPTIONS" },
  });
  requireMethod(request.clone(), request.method as "GET");
});

Deno.test("requireMethod() takes HEAD wherever it takes GET", () => {
  const to = (method: string) => new Request("http://localhost/", { method });
  requireMethod(to("HEAD"), "GET");
  assert.throws(() => requireMethod(to("POST"), "GET"), {
    headers: { Allow: "GET, HEAD, OPTIONS" },
  });
  assert.throws(() => requireMethod(to("HEAD"), "POST"), { headers: { Allow: "POST, OPTIONS" } });
});

Deno.test("requireMethod() names every method of a path that has several", () => {
  const to = (method: string) => new Request("http://localhost/", { method });
  for (const method of ["GET", "HEAD", "POST"]) requireMethod(to(method), "GET", "POST");
  assert.throws(() => requireMethod(to("PUT"), "GET", "POST"), {
    message: '"PUT" is not allowed here, "GET" and "POST" are',
    headers: { Allow: "GET, HEAD, POST, OPTIONS" },
  });
});
