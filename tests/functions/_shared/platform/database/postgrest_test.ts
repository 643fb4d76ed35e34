import assert from "node:assert/strict";
import { createPostgrest } from "../../../../../supabase/functions/_shared/platform/database/postgrest.ts";

/** The headers of one call. */
async function headersWith(key: string): Promise<Headers> {
  let headers = new Headers();
  const database = createPostgrest("https://project.example.com", key, (_, init) => {
    headers = new Headers(init?.headers);
    return Promise.resolve(Response.json(null));
  });
  await database.rpc("semantic_analysis_read_maps");
  return headers;
}

Deno.test("createPostgrest() names the schema, which need not be the first that a project exposes", async () => {
  const headers = await headersWith("sb_secret_abc");
  assert.equal(headers.get("content-profile"), "public");
});

Deno.test("createPostgrest() sends a secret key in apikey and nowhere else", async () => {
  const headers = await headersWith("sb_secret_abc");
  assert.equal(headers.get("apikey"), "sb_secret_abc");
  assert.equal(headers.get("authorization"), null);
});

Deno.test("createPostgrest() sends the legacy service_role key as the token that it is", async () => {
  const headers = await headersWith("ey.jwt.key");
  assert.equal(headers.get("apikey"), "ey.jwt.key");
  assert.equal(headers.get("authorization"), "Bearer ey.jwt.key");
});
