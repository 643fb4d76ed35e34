/** One entry of Together's list of models. */
export interface Model {
  id: string;
  object: "model";
  /** Unix time in seconds. */
  created: number;
  type: "chat";
  display_name: string;
  organization: string;
  /** In tokens. */
  context_length: number;
  /** In US dollars, per million tokens where it is of tokens. */
  pricing: { base: number; finetune: number; hourly: number; input: number; output: number };
}

/** The name under which the stand-in answers. */
export const STAND_IN_MODEL = "local/pixel-analyst";

const DEFAULT_CONTEXT_LENGTH = 131_072;

/** What `GET /v1/models` lists: all of these are answered for, by the one analyst. */
export const MODELS: readonly Model[] = [
  createModel(
    STAND_IN_MODEL,
    "Pixel analyst (measures, does not see)",
    DEFAULT_CONTEXT_LENGTH,
    0,
    0,
  ),
  createModel("zai-org/GLM-5.3-Flash", "GLM 5.3 Flash", 1_048_575, 0.15, 0.5),
  createModel("Qwen/Qwen3.8-Flash", "Qwen3.8 Flash", 1_000_000, 0.15, 0.47),
  createModel("Qwen/Qwen3.5-9B", "Qwen3.5 9B", 262_144, 0.17, 0.25),
  createModel("meta-models/Muse-Glimmer-30B", "Muse Glimmer 30B", 131_072, 0.35, 1.5),
  createModel(
    "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo",
    "Llama 3.2 90B Vision Instruct Turbo",
    131_072,
    1.2,
    1.2,
  ),
];

/** The context length of a model in tokens; unknown models get that of LLaMA Vision. */
export function contextLengthOf(modelId: string): number {
  return MODELS.find(({ id }) => id === modelId)?.context_length ?? DEFAULT_CONTEXT_LENGTH;
}

function createModel(
  id: string,
  displayName: string,
  contextLength: number,
  input: number,
  output: number,
): Model {
  return {
    id,
    object: "model",
    created: 1_767_225_600,
    type: "chat",
    display_name: displayName,
    organization: id.slice(0, id.indexOf("/")),
    context_length: contextLength,
    pricing: { base: 0, finetune: 0, hourly: 0, input, output },
  };
}
