import assert from "node:assert/strict";
import { openConnection } from "../../../../../supabase/functions/_shared/platform/http/open-connection.ts";

/** What is sent for a URL by the time that everything has settled. */
async function sentFor(url: string, respond: () => Promise<Response>): Promise<Request[]> {
  const requests: Request[] = [];
  openConnection(url, (input, init) => {
    requests.push(new Request(input, init));
    return respond();
  });
  await new Promise((resolve) => setTimeout(resolve, 0));
  return requests;
}

Deno.test("openConnection() asks the server for nothing, without a key, and follows no redirect", async () => {
  const [request, ...others] = await sentFor(
    "https://api.example.com/v1",
    () => Promise.resolve(new Response(null, { status: 404 })),
  );
  assert.deepEqual(others, []);
  assert.equal(request!.method, "HEAD");
  assert.equal(request!.url, "https://api.example.com/");
  assert.equal(request!.redirect, "manual");
  assert.deepEqual([...request!.headers], []);
});

Deno.test("openConnection() does nothing where there is no TLS", async () => {
  const respond = () => Promise.resolve(new Response());
  assert.deepEqual(await sentFor("http://127.0.0.1:11434/v1", respond), []);
});

Deno.test("openConnection() passes over a server that can't be reached, and over a body", async () => {
  const unreachable = () => Promise.reject(new TypeError("connection refused"));
  assert.equal((await sentFor("https://api.example.com", unreachable)).length, 1);
  let isCancelled = false;
  const body = new ReadableStream({
    cancel: () => {
      isCancelled = true;
    },
  });
  await sentFor("https://api.example.com", () => Promise.resolve(new Response(body)));
  assert.ok(isCancelled);
});
