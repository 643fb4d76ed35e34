/** The routes of the function. */

import { ApiError } from "../_shared/platform/http/api-error.ts";
import type { Handle } from "../_shared/platform/http/endpoint.ts";
import { requireMethod, toRoute } from "../_shared/platform/http/route.ts";
import { requireReady } from "../_shared/platform/settings/ready.ts";
import type { Dependencies } from "./dependencies.ts";
import { serveAction } from "./gateway-route.ts";
import { showHealth } from "./health-route.ts";

/** Serves the envelope and the health, at the function's own path and at those of before. */
export function createHandler(dependencies: Dependencies): Handle {
  return (request, context) => {
    context.responseHeaders.set("Cache-Control", "no-store");
    switch (toRoute(request, "mivaa-gateway")) {
      case "/":
      case "/api/mivaa/gateway":
        requireMethod(request, "POST");
        return serveAction(request, context, requireReady(dependencies, "The gateway"));
      case "/health":
      case "/api/mivaa/health":
        requireMethod(request, "GET");
        return showHealth(context, dependencies);
      default:
        throw new ApiError("NOT_FOUND", "There is nothing at this path");
    }
  };
}
