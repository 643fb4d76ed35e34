/** The same with the limit that people write: select, then update. */
import { createClient } from "@supabase/supabase-js";
import Together from "together-ai";
import { z } from "zod";

const secretKey = JSON.parse(Deno.env.get("SUPABASE_SECRET_KEYS")!).default;
const supabase = createClient(Deno.env.get("SUPABASE_URL")!, secretKey);
const jwks = JSON.parse(Deno.env.get("SUPABASE_JWKS")!);
const together = new Together({
  apiKey: Deno.env.get("TOGETHER_API_KEY")!,
  baseURL: Deno.env.get("TOGETHER_BASE_URL")!,
});

const MAX_REQUESTS = 1_000_000;

const bodySchema = z.object({
  image_data: z.string().min(1).max(8_000_000),
  analysis_type: z.enum(["material_identification", "general_description"]),
});

async function handle(request: Request): Promise<Response> {
  const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
  const { data } = await supabase.auth.getClaims(token, { jwks });
  if (!data) return Response.json({ error: "Unauthorized" }, { status: 401 });
  const userId = data.claims.sub;
  const { image_data } = bodySchema.parse(await request.json());
  // Lets through whatever reads at the same time.
  const { data: used } = await supabase.from("bench_usage").select("requests")
    .eq("user_id", userId).maybeSingle().throwOnError();
  const requests = (used?.requests ?? 0) + 1;
  if (requests > MAX_REQUESTS) return Response.json({ error: "Too many" }, { status: 429 });
  await supabase.from("bench_usage").upsert({ user_id: userId, requests }).throwOnError();
  const completion = await together.chat.completions.create({
    model: "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo",
    messages: [{
      role: "user",
      content: [
        { type: "text", text: "Describe this material." },
        { type: "image_url", image_url: { url: `data:image/jpeg;base64,${image_data}` } },
      ],
    }],
  });
  return Response.json({ analysis: completion.choices[0]?.message?.content });
}

export default { fetch: handle };
