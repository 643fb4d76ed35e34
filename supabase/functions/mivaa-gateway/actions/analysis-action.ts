import { toAnalysisError, toPassedOnHeaders } from "../../_shared/platform/http/analysis-error.ts";
import type { Caller } from "../../_shared/platform/auth/authenticate.ts";
import { readBearer } from "../../_shared/platform/auth/authenticate.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { type RequestContext, setHeaders } from "../../_shared/platform/http/endpoint.ts";
import {
  analysePicture,
  type AnalysePictureOptions,
  type FunctionsClient,
} from "../../_shared/client/analyse-picture.ts";
import type { AnalysisRequestBody, AnalysisResponseBody } from "../../_shared/client/contract.ts";
import { SemanticAnalysisError } from "../../_shared/client/errors.ts";

/** Who asks, in which request, and for how long. */
export interface AnalysisActionOptions {
  caller: Caller;
  /** The request that is being served. */
  request: Request;
  timeoutMs: number;
}

/**
 * Has semantic-analysis do it, on the caller's account.
 *
 * @param payload Not checked here: it is semantic-analysis that says what is wrong with it.
 * @throws {ApiError} FORBIDDEN for a picture in Storage from a caller that is no user, or with the code of what
 *   semantic-analysis answers instead.
 */
export async function runAnalysisAction(
  client: FunctionsClient,
  payload: Record<string, unknown>,
  context: RequestContext,
  { caller, request, timeoutMs }: AnalysisActionOptions,
): Promise<AnalysisResponseBody> {
  // A service would read with the project's rights, and the static keys are in front-end code.
  if (caller.kind === "service" && (payload.image ?? null) !== null) {
    throw new ApiError(
      "FORBIDDEN",
      "Pictures in Storage are for signed-in users: send their token",
    );
  }
  // It goes on with this function's own secret, which may choose.
  if (!caller.hasSecret && hasModel(payload)) {
    throw new ApiError("FORBIDDEN", "Only a project secret may choose the model");
  }
  try {
    const analysis = await analysePicture(client, toRequest(payload), {
      ...toAccount(caller, request),
      timeoutMs,
      signal: request.signal,
      requestId: context.requestId,
      traceHeaders: request.headers,
      onHeaders: (headers) => setHeaders(context, toPassedOnHeaders(headers)),
    });
    context.note({ is_cached: analysis.cached });
    return analysis;
  } catch (error) {
    if (!(error instanceof SemanticAnalysisError)) throw error;
    context.note({
      analysis_request_id: error.requestId ?? undefined,
      analysis_code: error.code,
    });
    throw toAnalysisError(error);
  }
}

/** Without a bucket of its own, which no request has: `analysePicture` would take all of it for a place in Storage. */
function toRequest({ bucket: _, ...request }: Record<string, unknown>): AnalysisRequestBody {
  return request as unknown as AnalysisRequestBody;
}

function hasModel({ options }: Record<string, unknown>): boolean {
  const { model = null } = (options ?? {}) as { model?: unknown };
  return model !== null;
}

/** A service by its name; a user by the token, which is verified again there, or as named. */
function toAccount(
  { kind, subject, userId, hasSecret }: Caller,
  { headers }: Request,
): AnalysePictureOptions {
  if (kind === "service") return { serviceName: subject.slice("service:".length) };
  // Beside a named user there need not be a token: a service's own key may stand in its place.
  if (kind === "user" && hasSecret && headers.has("x-user-id")) return { userId: userId! };
  return { userToken: readBearer(headers)! };
}
