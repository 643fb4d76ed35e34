/** What one writes first: parse everything, decode, encode again, serialise everything. */
import { Buffer } from "node:buffer";

const upstreamUrl = Deno.env.get("UPSTREAM_URL")!;

async function handle(request: Request): Promise<Response> {
  const { image_data } = await request.json();
  const bytes = Buffer.from(image_data, "base64");
  const url = `data:image/jpeg;base64,${bytes.toString("base64")}`;
  const response = await fetch(upstreamUrl, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      model: "m",
      messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }],
    }),
  });
  return Response.json(await response.json());
}

export default { fetch: handle };
