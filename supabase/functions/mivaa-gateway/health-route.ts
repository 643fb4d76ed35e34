import { toResponseInit } from "../_shared/platform/http/api-error.ts";
import type { RequestContext } from "../_shared/platform/http/endpoint.ts";
import { isReady } from "../_shared/platform/settings/ready.ts";
import { VERSION } from "../_shared/platform/version.ts";
import type { Dependencies } from "./dependencies.ts";
import { type AnswerBody, toMetadata } from "./envelope/envelope.ts";
import type { Sides } from "./actions/sides.ts";

const UNKNOWN: Sides = { semantic_analysis: "not_configured", mivaa: "not_configured" };

/**
 * `GET …/health`: how the gateway is and what it stands in front of; 503 when one of them is down, but
 * not when an operator has switched the analyses off: the rest still works, and no operator need be woken.
 */
export async function showHealth(
  context: RequestContext,
  dependencies: Dependencies,
): Promise<Response> {
  const isConfigured = isReady(dependencies);
  const sides = await dependencies.probeSides?.() ?? UNKNOWN;
  const isDisabled = sides.semantic_analysis === "disabled";
  // A MIVAA service that is not configured is not missed.
  const isUp = isConfigured && sides.mivaa !== "down" &&
    (isDisabled || sides.semantic_analysis === "ok");
  const body: AnswerBody = {
    success: isUp,
    data: {
      status: !isUp ? "unhealthy" : isDisabled ? "degraded" : "healthy",
      gateway: { status: isConfigured ? "ok" : "not_configured", version: VERSION },
      semantic_analysis: { status: sides.semantic_analysis },
      mivaa: { status: sides.mivaa },
    },
    ...(!isUp && {
      error: { code: "UPSTREAM_UNAVAILABLE", message: "Not everything is up; see data" },
    }),
    metadata: toMetadata(context),
  };
  return Response.json(body, isUp ? {} : toResponseInit("UPSTREAM_UNAVAILABLE"));
}
