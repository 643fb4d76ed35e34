import { toResponseInit } from "../_shared/http/api-error.ts";
import type { RequestContext } from "../_shared/http/endpoint.ts";
import { isReady } from "../_shared/ready.ts";
import { VERSION } from "../_shared/version.ts";
import type { Dependencies } from "./dependencies.ts";
import { type AnswerBody, toMetadata } from "./envelope.ts";
import type { Sides } from "./sides.ts";

const UNKNOWN: Sides = { semantic_analysis: "not_configured", mivaa: "not_configured" };

/** `GET …/health`: how the gateway is and what it stands in front of; 503 when one of them is down. */
export async function showHealth(
  context: RequestContext,
  dependencies: Dependencies,
): Promise<Response> {
  const isConfigured = isReady(dependencies);
  const sides = await dependencies.probeSides?.() ?? UNKNOWN;
  // A MIVAA service that nobody has is not missed.
  const isUp = isConfigured && sides.semantic_analysis === "ok" && sides.mivaa !== "down";
  const body: AnswerBody = {
    success: isUp,
    data: {
      status: isUp ? "healthy" : "unhealthy",
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
