/** The project that is evaluated, asked through its own function: it decides what is asked and what it costs. */
import { createClient } from "@supabase/supabase-js";
import { z } from "zod";
import { analysePicture } from "../../../supabase/functions/_shared/client/analyse-picture.ts";
import { toKeyHeaders } from "../../../supabase/functions/_shared/platform/auth/key-headers.ts";
import { parseJson } from "../../../supabase/functions/_shared/platform/parse-json.ts";
import { describeUnreached, type ProjectAddress } from "../../catalogue/project-address.ts";
import type { KeptAnswer } from "../answers/kept-answers.ts";
import { responseBody } from "../answers/response-body.ts";
import { EvaluationError } from "../errors.ts";

/** Whose limits an evaluation uses: `service:evaluation`. */
export const SERVICE_NAME = "evaluation";

/** What an analysis by one model is and costs. */
export interface ModelFacts {
  /** null: the project's chain. */
  modelAsked: string | null;
  /** The model that is asked first. */
  model: string;
  promptVersion: string;
  schemaVersion: string;
  /** The most that one analysis can cost. */
  ceilingUsd: number;
  /** At list prices, of a large picture and the longest answer. */
  estimatedUsd: number;
  /** Of the prompt without the picture. */
  textTokens: number;
  /** The most tokens that a picture takes; null where they follow from its size. */
  maxPictureTokens: number | null;
  /** US dollars of a million tokens. */
  inputUsdPerMillion: number;
  outputUsdPerMillion: number;
}

/** What a map is for; the rest of it is read where it is applied. */
export interface CalibrationMapKey {
  prompt_version: string;
  schema_version: string;
}

/** What the project allows. */
export interface ProjectLimits {
  maxImageBytes: number;
  /** Requests at a time, and in a minute. */
  concurrent: number;
  perMinute: number;
  /** What is left of the project's month, in US dollars; null where it has no bound. */
  projectLeftUsd: number | null;
}

/** The calls of a project's semantic-analysis. */
export interface EvaluatedProject {
  url: string;
  /** @throws {EvaluationError} when the function can't be reached, or has no such model */
  readFacts(modelAsked: string | null): Promise<{ facts: ModelFacts; limits: ProjectLimits }>;
  /** The calibration maps in force. @throws {EvaluationError} when the database can't be asked */
  readMaps(): Promise<CalibrationMapKey[]>;
  /**
   * Has a picture analysed. With `isFresh` no stored answer of the function is taken.
   *
   * @throws {SemanticAnalysisError}, or {EvaluationError} for an answer in another form
   */
  ask(
    picture: Uint8Array<ArrayBuffer>,
    options: { modelAsked: string | null; isFresh: boolean },
  ): Promise<KeptAnswer>;
}

/** What is outside, for tests. */
export interface EvaluatedProjectOptions {
  fetch?: typeof globalThis.fetch;
  /** Unix time in milliseconds. */
  now?: () => number;
}

const limitsBody = z.object({
  minute: z.object({ limit: z.number() }),
  concurrent: z.object({ limit: z.number() }),
  project_month: z.object({ limit_usd: z.number().nullable(), spent_usd: z.number() }).optional(),
  max_image_bytes: z.number(),
  analysis: z.object({
    model: z.string(),
    ceiling_usd: z.number(),
    estimated_usd: z.number(),
    prompt_version: z.string(),
    schema_version: z.string(),
    text_tokens: z.number(),
    max_picture_tokens: z.number().nullable(),
    input_usd_per_million: z.number(),
    output_usd_per_million: z.number(),
  }),
});

const errorBody = z.object({ error: z.object({ message: z.string() }) });

/** Asks a project with its secret key. */
export function createEvaluatedProject(
  { url, secretKey }: ProjectAddress,
  { fetch = globalThis.fetch, now = Date.now }: EvaluatedProjectOptions = {},
): EvaluatedProject {
  const client = createClient(url, secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch },
  });
  return {
    url,
    async readFacts(modelAsked) {
      const body = await readLimits(modelAsked);
      const { analysis, project_month: month } = body;
      return {
        facts: {
          modelAsked,
          model: analysis.model,
          promptVersion: analysis.prompt_version,
          schemaVersion: analysis.schema_version,
          ceilingUsd: analysis.ceiling_usd,
          estimatedUsd: analysis.estimated_usd,
          textTokens: analysis.text_tokens,
          maxPictureTokens: analysis.max_picture_tokens,
          inputUsdPerMillion: analysis.input_usd_per_million,
          outputUsdPerMillion: analysis.output_usd_per_million,
        },
        limits: {
          maxImageBytes: body.max_image_bytes,
          concurrent: body.concurrent.limit,
          perMinute: body.minute.limit,
          projectLeftUsd: !month || month.limit_usd === null
            ? null
            : Math.max(0, month.limit_usd - month.spent_usd),
        },
      };
    },
    async readMaps() {
      const { data, error } = await client.rpc("semantic_analysis_read_maps");
      if (error) throw new EvaluationError(`The calibration maps of "${url}": ${error.message}`);
      return (data as { map: CalibrationMapKey; withdrawn_at: string | null }[])
        .filter(({ withdrawn_at }) => withdrawn_at === null).map(({ map }) => map);
    },
    async ask(picture, { modelAsked, isFresh }) {
      const startMs = now();
      const response = await analysePicture(client, {
        image_data: picture,
        options: {
          ...(modelAsked !== null && { model: modelAsked }),
          ...(isFresh && { cache: "refresh" }),
        },
      }, { serviceName: SERVICE_NAME });
      const { data, success } = responseBody.safeParse(response);
      if (!success) {
        throw new EvaluationError(
          `semantic-analysis at "${url}" answers in another form: deploy this version`,
        );
      }
      return {
        response: data,
        latency_ms: now() - startMs,
        answered_at: new Date(now()).toISOString(),
      };
    },
  };

  async function readLimits(modelAsked: string | null): Promise<z.infer<typeof limitsBody>> {
    const address = new URL("/functions/v1/semantic-analysis/limits", url);
    if (modelAsked !== null) address.searchParams.set("model", modelAsked);
    let response: Response;
    try {
      response = await fetch(address, {
        headers: { ...toKeyHeaders(secretKey), "x-service-name": SERVICE_NAME },
      });
    } catch (error) {
      throw new EvaluationError(describeUnreached(url, error));
    }
    const text = await response.text();
    const body = parseJson(text);
    const parsed = limitsBody.safeParse(body);
    if (response.ok && parsed.success) return parsed.data;
    const refused = errorBody.safeParse(body);
    const reason = response.ok
      ? "it tells no cost: deploy this version"
      : (refused.success ? refused.data.error.message : text).slice(0, 500);
    throw new EvaluationError(`semantic-analysis at "${url}": ${response.status}, ${reason}`);
  }
}
