import type { Authenticate } from "../../_shared/platform/auth/authenticate.ts";
import { toResponseInit } from "../../_shared/platform/http/api-error.ts";
import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import { isReady } from "../../_shared/platform/settings/ready.ts";
import { VERSION } from "../../_shared/platform/version.ts";
import type { Dependencies } from "../dependencies.ts";

/** `GET …/health`: status and version; with a project secret, the doctor's findings. */
export async function showHealth(
  request: Request,
  context: RequestContext,
  dependencies: Dependencies,
): Promise<Response> {
  const isConfigured = isReady(dependencies);
  const status = !isConfigured
    ? "not_configured"
    : dependencies.settings?.isAnalysisEnabled
    ? "ok"
    : "disabled";
  const body = { status, version: VERSION };
  if (!await isProject(request, dependencies.authenticate)) {
    return Response.json(body, isConfigured ? {} : toResponseInit("NOT_CONFIGURED"));
  }
  const checks = await context.timings.measure("doctor", () => dependencies.runDoctor());
  const isFailing = checks.some((check) => check.status === "failed");
  return Response.json(
    { ...body, ...(isFailing && isConfigured && { status: "failing" }), checks },
    isFailing ? toResponseInit(isConfigured ? "UPSTREAM_UNAVAILABLE" : "NOT_CONFIGURED") : {},
  );
}

/** Every caller may see the health; the project's own code sees why. Only a wrong secret is an error. */
async function isProject(request: Request, authenticate: Authenticate | null): Promise<boolean> {
  // A monitor's call has no credential, and is none of those that the doctor counts as not taken.
  if (!request.headers.has("apikey") && !request.headers.has("authorization")) return false;
  try {
    return (await authenticate?.(request.headers))?.hasSecret ?? false;
  } catch (error) {
    if (request.headers.get("apikey")?.startsWith("sb_secret_")) throw error;
    return false;
  }
}
