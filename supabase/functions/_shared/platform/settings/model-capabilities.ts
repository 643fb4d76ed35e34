/** What the operator says of models and servers, in TOGETHER_MODEL_CAPABILITIES. */

import * as z from "zod/mini";
import type { Model, ModelCapabilities } from "../../together-ai/models.ts";
import { parseJson } from "../parse-json.ts";
import type { Variable } from "./variables.ts";

const id = () => z.string().check(z.regex(/^[\w.:/-]{1,200}$/));
const usdPerMillion = () => z.number().check(z.gte(0), z.lte(10_000));
const tokens = () => z.int().check(z.gte(1), z.lte(100_000_000));

/** What TOGETHER_MODEL_CAPABILITIES may say of a model; what it doesn't say stays as it is known. */
const capability = () =>
  z.strictObject({
    input_usd_per_million: z.optional(usdPerMillion()),
    output_usd_per_million: z.optional(usdPerMillion()),
    context_tokens: z.optional(tokens()),
    structured_output: z.optional(z.enum(["json_schema", "json_object", "prompt"])),
    logprobs: z.optional(z.boolean()),
    reasoning_switch: z.optional(z.enum(["enabled", "effort", "template", "never"])),
    thinking: z.optional(z.enum(["tagged", "unopened"])),
    max_picture_tokens: z.optional(tokens()),
  });

const schema = () => z.record(z.union([z.literal("*"), id()]), capability());

function toModel(told: z.infer<ReturnType<typeof capability>>): Partial<Model> {
  const model = {
    inputUsdPerMillion: told.input_usd_per_million,
    outputUsdPerMillion: told.output_usd_per_million,
    contextTokens: told.context_tokens,
    structuredOutput: told.structured_output,
    hasLogprobs: told.logprobs,
    reasoningSwitch: told.reasoning_switch,
    thinking: told.thinking,
    maxPictureTokens: told.max_picture_tokens,
  };
  const entries = Object.entries(model).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

/** JSON: by model id, or `*` for all that aren't known otherwise. */
export const modelCapabilities: Variable<ModelCapabilities> = {
  parse: (text) => {
    const { data } = schema().safeParse(parseJson(text));
    if (data === undefined) return undefined;
    return Object.fromEntries(Object.entries(data).map(([name, told]) => [name, toModel(told)]));
  },
  wanted: "a JSON object of model ids, each with what .env.example names",
};
