/**
 * A few calls to the real Together, with the exact default model first: `deno task test:live`.
 * Skipped without TOGETHER_API_KEY. Costs less than a cent.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createSpending } from "../../supabase/functions/_shared/together-ai/spending.ts";
import { toPlan } from "../../supabase/functions/semantic-analysis/model/plan.ts";
import { parseSettings } from "../../supabase/functions/semantic-analysis/settings.ts";
import { createTogetherClient } from "../../supabase/functions/_shared/together-ai/client.ts";
import { TogetherApiError } from "../../supabase/functions/_shared/together-ai/errors.ts";
import { createAnalyse } from "../../supabase/functions/semantic-analysis/model/analysis.ts";
import { parseJsonBody } from "../../supabase/functions/semantic-analysis/request/json-body.ts";
import { toAnalysisRequest } from "../../supabase/functions/semantic-analysis/request/request.ts";

const apiKey = Deno.env.get("TOGETHER_API_KEY");
const baseUrl = Deno.env.get("TOGETHER_BASE_URL");
const ignore = !apiKey;

function connect() {
  const { settings } = parseSettings({
    TOGETHER_API_KEY: apiKey,
    TOGETHER_BASE_URL: baseUrl,
  });
  assert.ok(settings);
  const client = createTogetherClient(settings.together);
  return { settings, client };
}

async function readRequest(fields: Record<string, unknown> = {}) {
  const { settings } = connect();
  const sample = await Deno.readFile(new URL("../../dev/samples/wood.jpg", import.meta.url));
  const image_data = Buffer.from(sample).toString("base64");
  const body = new TextEncoder().encode(JSON.stringify({ image_data, ...fields }));
  return await toAnalysisRequest(parseJsonBody(body, settings.maxImageBytes), {
    maxImageBytes: settings.maxImageBytes,
    isImageUrlAllowed: true,
    isCustomPromptAllowed: true,
    choosableModels: null,
    temperature: settings.together.temperature,
    maxTokens: settings.together.maxTokens,
  });
}

Deno.test({ name: "the key sees models", ignore }, async () => {
  const models = await connect().client.listModels({ timeoutMs: 10_000 });
  assert.ok(models.length > 0);
});

Deno.test(
  { name: "the default chain describes a picture, and says which model did", ignore },
  async () => {
    const { settings, client } = connect();
    const [preferredModel] = settings.together.models;
    assert.equal(preferredModel, "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo");
    const analyse = createAnalyse({ client });
    const request = await readRequest();
    const plan = toPlan(request, settings.together.maxTokens, settings.together.models);
    const spending = createSpending();
    const { analysis } = await analyse(request, plan, { timeoutMs: 60_000, spending });
    for (const { model, status, durationMs, reason } of spending.attempts) {
      console.log(`  ${model}: ${status} ${reason}, ${Math.round(durationMs)} ms`);
    }
    console.log(`  ${analysis.model_used} ($${analysis.usage.cost_usd}): ${analysis.analysis}`);
    assert.match(analysis.analysis, /wood|timber|plank|oak|pine|grain/i);
    assert.ok(analysis.usage.prompt_tokens! > 0);
  },
);

Deno.test({ name: "a caller's own prompt is answered", ignore }, async () => {
  const { settings, client } = connect();
  const analyse = createAnalyse({ client });
  const request = await readRequest({
    prompt: "Answer with one word: what material is this?",
    options: { max_tokens: 20, temperature: 0 },
  });
  const plan = toPlan(request, settings.together.maxTokens, settings.together.models);
  const { analysis } = await analyse(request, plan, { timeoutMs: 60_000 });
  console.log(`  ${analysis.model_used}: ${analysis.analysis}`);
  assert.ok(analysis.analysis.length > 0);
});

Deno.test({ name: "a bad key is told as such", ignore }, async () => {
  const { settings } = connect();
  const client = createTogetherClient({ ...settings.together, apiKey: "not-a-key" });
  await assert.rejects(
    client.listModels({ timeoutMs: 10_000 }),
    (error) => error instanceof TogetherApiError && error.status === 401,
  );
});
