/** The routes of the function. */

import { identify } from "../_shared/platform/auth/identify.ts";
import { ApiError } from "../_shared/platform/http/api-error.ts";
import type { Handle, RequestContext } from "../_shared/platform/http/endpoint.ts";
import { requireMethod, toRoute } from "../_shared/platform/http/route.ts";
import { requireReady } from "../_shared/platform/settings/ready.ts";
import type { Dependencies, Ready } from "./dependencies.ts";
import { showHealth } from "./routes/health.ts";
import { showProgress } from "./routes/progress.ts";
import { showQuote } from "./routes/quote.ts";
import { runJobs } from "./routes/run.ts";

/** Serves `POST /`, `GET /`, `POST /quote` and `GET /health` below the function's own path. */
export function createHandler(dependencies: Dependencies): Handle {
  return async (request, context) => {
    context.responseHeaders.set("Cache-Control", "no-store");
    switch (toRoute(request, "analyse-catalogue")) {
      case "/": {
        const ready = await admit(request, context, dependencies);
        requireMethod(request, "GET", "POST");
        const serve = request.method === "POST" ? runJobs : showProgress;
        return await serve(request, context, ready);
      }
      case "/quote":
        requireMethod(request, "POST");
        return await showQuote(request, context, await admit(request, context, dependencies));
      case "/health":
        requireMethod(request, "GET");
        return await showHealth(request, dependencies);
      default:
        throw new ApiError("NOT_FOUND", "There is nothing at this path");
    }
  };
}

/** It spends the project's money: @throws {ApiError} FORBIDDEN for callers without a project secret. */
async function admit(
  request: Request,
  context: RequestContext,
  dependencies: Dependencies,
): Promise<Ready> {
  const ready = requireReady(dependencies, "The analysis of the catalogue");
  const caller = await identify(request, context, ready.authenticate);
  if (caller.kind !== "service" || !caller.hasSecret) {
    throw new ApiError("FORBIDDEN", "This function is for the project's own code: send its secret");
  }
  return ready;
}
