/** The calls that every such function makes, by supabase-js: two of the database, one of the provider. */
import { createClient } from "@supabase/supabase-js";

const upstreamUrl = Deno.env.get("UPSTREAM_URL")!;
const secretKey = JSON.parse(Deno.env.get("SUPABASE_SECRET_KEYS")!).default;
const database = createClient(Deno.env.get("SUPABASE_URL")!, secretKey);

async function handle(request: Request): Promise<Response> {
  const body = await request.arrayBuffer();
  await database.rpc("bench_select_one").throwOnError();
  const response = await fetch(upstreamUrl, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  });
  const answer = await response.arrayBuffer();
  await database.rpc("bench_select_one").throwOnError();
  return new Response(answer, response);
}

export default { fetch: handle };
