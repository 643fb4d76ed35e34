import assert from "node:assert/strict";
import { createServiceDatabase } from "../../../../../supabase/functions/_shared/platform/database/service-database.ts";

/** The headers of one call. */
async function headersWith(secretKey: string): Promise<Headers> {
  let headers = new Headers();
  const database = createServiceDatabase("https://project.example.com", secretKey, (_, init) => {
    headers = new Headers(init?.headers);
    return Promise.resolve(Response.json(null));
  });
  await database.from("material_visual_analysis" as never).select();
  return headers;
}

Deno.test("createServiceDatabase() sends a secret key in apikey and nowhere else", async () => {
  const headers = await headersWith("sb_secret_abc");
  assert.equal(headers.get("apikey"), "sb_secret_abc");
  assert.equal(headers.get("authorization"), null);
});

Deno.test("createServiceDatabase() sends the legacy service_role key as the token that it is", async () => {
  const headers = await headersWith("ey.jwt.key");
  assert.equal(headers.get("apikey"), "ey.jwt.key");
  assert.equal(headers.get("authorization"), "Bearer ey.jwt.key");
});
