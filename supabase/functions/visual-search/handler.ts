/** The routes of the function. */

import { ApiError, toResponseInit } from "../_shared/platform/http/api-error.ts";
import type { Handle } from "../_shared/platform/http/endpoint.ts";
import { requireMethod, toRoute } from "../_shared/platform/http/route.ts";
import { isReady, requireReady } from "../_shared/platform/settings/ready.ts";
import { VERSION } from "../_shared/platform/version.ts";
import type { Dependencies } from "./dependencies.ts";
import { serveSearch } from "./search-route.ts";

/** Serves `POST /` and `GET /health` below the function's own path. */
export function createHandler(dependencies: Dependencies): Handle {
  return async (request, context) => {
    // What is found depends on who asks.
    context.responseHeaders.set("Cache-Control", "no-store");
    switch (toRoute(request, "visual-search")) {
      case "/":
      case "/api/visual-search":
        requireMethod(request, "POST");
        return await serveSearch(request, context, requireReady(dependencies, "The search"));
      case "/health": {
        requireMethod(request, "GET");
        const status = isReady(dependencies) ? "ok" : "not_configured";
        return Response.json(
          { status, version: VERSION },
          status === "ok" ? {} : toResponseInit("NOT_CONFIGURED"),
        );
      }
      default:
        throw new ApiError("NOT_FOUND", "There is nothing at this path");
    }
  };
}
