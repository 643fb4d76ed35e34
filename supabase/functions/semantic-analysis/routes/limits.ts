import type { Caller } from "../../_shared/platform/auth/authenticate.ts";
import { type RequestContext, setHeaders } from "../../_shared/platform/http/endpoint.ts";
import { identify } from "../../_shared/platform/auth/identify.ts";
import { limitsOf } from "../../_shared/platform/settings/limit-variables.ts";
import { toRateLimitHeaders, toUsd } from "../../_shared/platform/limits/rate-limits.ts";
import type {
  AnalysisCostBody,
  LimitsResponseBody,
  SpendingBody,
} from "../../_shared/client/contract.ts";
import { toPricedRequest } from "../answer/priced-request.ts";
import type { Ready } from "../dependencies.ts";
import { findModel, MAX_PICTURE_TOKENS } from "../../_shared/together-ai/models.ts";
import { estimate } from "../model/estimate.ts";
import { toPromptVersion, versionsOfStructured } from "../model/versions.ts";
import { requireChoosable } from "../request/request.ts";
import { ONE_TILE_EDGE } from "../request/stored-picture.ts";
import { toChoosableModels } from "./choosable-models.ts";
import { isUrlPassed } from "../settings.ts";

/**
 * `GET …/limits`: the caller's limits and what is left of them, taking nothing. With `?model=…` a project
 * secret is told what an analysis by that model costs.
 */
export async function showLimits(
  request: Request,
  context: RequestContext,
  { settings, authenticate, rateLimiter, storage }: Ready,
): Promise<Response> {
  const caller = await identify(request, context, authenticate);
  const { subject, hasSecret } = caller;
  const model = new URL(request.url).searchParams.get("model");
  if (model !== null) {
    requireChoosable(model, toChoosableModels(caller, settings), () => "model");
  }
  const { limits, anonymity } = limitsOf(caller, settings.limits);
  const state = await context.timings.measure(
    "limit",
    () => rateLimiter.read(subject, limits, anonymity),
  );
  setHeaders(context, toRateLimitHeaders(state));
  const { minute, day, concurrent, month } = state;
  const { projectNanoUsdPerMonth, anonymousNanoUsdPerDay } = settings.limits;
  const body: LimitsResponseBody = {
    subject,
    minute: {
      limit: minute.limit,
      burst: minute.burst,
      remaining: minute.remaining,
      reset_ms: minute.resetMs,
    },
    day: { limit: day.limit, remaining: day.remaining, reset_ms: day.resetMs },
    concurrent,
    month: toSpendingBody(month),
    ...(hasSecret && projectNanoUsdPerMonth !== null && {
      project_month: toSpendingBody({
        limitNanoUsd: projectNanoUsdPerMonth,
        spentNanoUsd: state.projectSpentNanoUsd,
        resetMs: month.resetMs,
      }),
    }),
    ...(hasSecret && anonymousNanoUsdPerDay !== null && {
      anonymous_day: toSpendingBody({
        limitNanoUsd: anonymousNanoUsdPerDay,
        spentNanoUsd: state.anonymousSpentNanoUsd,
        resetMs: day.resetMs,
      }),
    }),
    ...(hasSecret && { analysis: toAnalysisCost(caller, model, { settings, storage }) }),
    max_image_bytes: settings.maxImageBytes,
    request_id: context.requestId,
  };
  return Response.json(body);
}

/** Of a size that is not known. */
const UNKNOWN_PICTURE = { kind: "url", url: "" } as const;

/** Of a picture whose size is not known, by a model or, for null, by the chain. */
function toAnalysisCost(
  caller: Caller,
  model: string | null,
  { settings, storage }: Pick<Ready, "settings" | "storage">,
): AnalysisCostBody {
  const { together } = settings;
  const { plan, ceilingNanoUsd } = toPricedRequest("", caller, {
    picture: UNKNOWN_PICTURE,
    analysisType: "material_identification",
    prompt: null,
    model,
    temperature: together.temperature,
    maxTokens: null,
    cacheMode: "off",
    palette: null,
    isStreamed: false,
    minPrecision: null,
    warnings: [],
  }, settings);
  const first = plan.models[0]!;
  const priced = findModel(first, together.capabilities);
  const { maxPictureTokens } = priced;
  const { promptTokens, costUsd } = estimate(UNKNOWN_PICTURE, plan.chatRequest, priced);
  return {
    model: first,
    ceiling_usd: toUsd(ceilingNanoUsd),
    estimated_usd: costUsd,
    prompt_version: toPromptVersion(plan.chatRequest),
    schema_version: versionsOfStructured().schemaVersion,
    text_tokens: promptTokens - (maxPictureTokens ?? MAX_PICTURE_TOKENS),
    max_picture_tokens: maxPictureTokens,
    stored_picture_edge: settings.storage.isTransformed && isUrlPassed(settings, storage)
      ? ONE_TILE_EDGE
      : null,
    input_usd_per_million: priced.inputUsdPerMillion,
    output_usd_per_million: priced.outputUsdPerMillion,
  };
}

function toSpendingBody(
  { limitNanoUsd, spentNanoUsd, resetMs }: {
    limitNanoUsd: number | null;
    spentNanoUsd: number;
    resetMs: number;
  },
): SpendingBody {
  return {
    limit_usd: limitNanoUsd === null ? null : toUsd(limitNanoUsd),
    spent_usd: toUsd(spentNanoUsd),
    reset_ms: resetMs,
  };
}
