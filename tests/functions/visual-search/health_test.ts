import assert from "node:assert/strict";
import type { RequestContext } from "../../../supabase/functions/_shared/platform/http/endpoint.ts";
import type { Dependencies } from "../../../supabase/functions/visual-search/dependencies.ts";
import { createHandler } from "../../../supabase/functions/visual-search/handler.ts";

function askHealth(dependencies: Partial<Dependencies>, method = "GET") {
  const handle = createHandler(dependencies as Dependencies);
  const context = { responseHeaders: new Map() } as RequestContext;
  return handle(new Request("http://localhost/visual-search/health", { method }), context);
}

Deno.test("the health is 503 while something is not configured, and says when to ask again", async () => {
  const response = await askHealth({ settings: null });
  assert.equal(response.status, 503);
  assert.match(response.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.equal((await response.json()).status, "not_configured");
});

Deno.test("the health of what is configured is 200, to GET and HEAD", async () => {
  for (const method of ["GET", "HEAD"]) {
    const response = await askHealth({}, method);
    assert.deepEqual([response.status, response.headers.has("retry-after")], [200, false]);
  }
});
