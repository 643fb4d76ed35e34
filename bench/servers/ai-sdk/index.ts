/** The same by the AI SDK; no limits. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createClient } from "@supabase/supabase-js";
import { generateText } from "ai";
import { z } from "zod";

const secretKey = JSON.parse(Deno.env.get("SUPABASE_SECRET_KEYS")!).default;
const supabase = createClient(Deno.env.get("SUPABASE_URL")!, secretKey);
const jwks = JSON.parse(Deno.env.get("SUPABASE_JWKS")!);
const together = createOpenAICompatible({
  name: "together",
  apiKey: Deno.env.get("TOGETHER_API_KEY")!,
  baseURL: Deno.env.get("TOGETHER_BASE_URL")!,
});

const bodySchema = z.object({
  image_data: z.string().min(1).max(8_000_000),
  analysis_type: z.enum(["material_identification", "general_description"]),
});

async function handle(request: Request): Promise<Response> {
  const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
  const { data } = await supabase.auth.getClaims(token, { jwks });
  if (!data) return Response.json({ error: "Unauthorized" }, { status: 401 });
  const { image_data } = bodySchema.parse(await request.json());
  const { text } = await generateText({
    model: together("meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"),
    messages: [{
      role: "user",
      content: [
        { type: "text", text: "Describe this material." },
        { type: "file", data: image_data, mediaType: "image/jpeg" },
      ],
    }],
  });
  return Response.json({ analysis: text });
}

export default { fetch: handle };
