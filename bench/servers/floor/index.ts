/** The least that a proxy can do: take the body in, pass it on, pass the answer back. */
const upstreamUrl = Deno.env.get("UPSTREAM_URL")!;

async function handle(request: Request): Promise<Response> {
  const body = await request.arrayBuffer();
  const response = await fetch(upstreamUrl, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  });
  return new Response(await response.arrayBuffer(), response);
}

export default { fetch: handle };
