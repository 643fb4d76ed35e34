/** The routes of the function. */

import { ApiError } from "../_shared/platform/http/api-error.ts";
import type { Handle } from "../_shared/platform/http/endpoint.ts";
import { requireMethod, toRoute } from "../_shared/platform/http/route.ts";
import { requireReady } from "../_shared/platform/settings/ready.ts";
import { serveAnalysis } from "./routes/analysis.ts";
import { serveFeedback } from "./routes/feedback/feedback.ts";
import type { Dependencies } from "./dependencies.ts";
import { showHealth } from "./routes/health.ts";
import { showLimits } from "./routes/limits.ts";

/** Serves `POST /`, `POST /feedback`, `GET /limits` and `GET /health` below the function's own path. */
export function createHandler(dependencies: Dependencies): Handle {
  return (request, context) => {
    // Each answer about a caller's own limits or picture is that caller's alone.
    context.responseHeaders.set("Cache-Control", "no-store");
    context.responseHeaders.set("X-Cache", "off");
    switch (toRoute(request, "semantic-analysis")) {
      case "/":
      case "/api/semantic-analysis":
        requireMethod(request, "POST");
        return serveAnalysis(request, context, requireReady(dependencies, "The analysis"));
      case "/limits":
        requireMethod(request, "GET");
        return showLimits(request, context, requireReady(dependencies, "The analysis"));
      case "/feedback":
        requireMethod(request, "POST");
        return serveFeedback(request, context, requireReady(dependencies, "The analysis"));
      case "/health":
        requireMethod(request, "GET");
        return showHealth(request, context, dependencies);
      default:
        throw new ApiError("NOT_FOUND", "There is nothing at this path");
    }
  };
}
