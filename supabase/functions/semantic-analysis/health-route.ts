import type { Authenticate } from "../_shared/auth.ts";
import type { RequestContext } from "../_shared/http/endpoint.ts";
import { isReady } from "../_shared/ready.ts";
import { VERSION } from "../_shared/version.ts";
import type { Dependencies } from "./dependencies.ts";
import { runDoctor } from "./doctor.ts";

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
    return Response.json(body, { status: status === "not_configured" ? 503 : 200 });
  }
  const checks = await context.timings.measure("doctor", () => runDoctor(dependencies));
  const isFailing = checks.some((check) => check.status === "failed");
  return Response.json(
    { ...body, ...(isFailing && isConfigured && { status: "failing" }), checks },
    { status: isFailing ? 503 : 200 },
  );
}

/** Everybody may see the health, the project's own code sees why. Only a wrong secret is refused. */
async function isProject(request: Request, authenticate: Authenticate | null): Promise<boolean> {
  try {
    return (await authenticate?.(request.headers))?.hasSecret ?? false;
  } catch (error) {
    if (request.headers.get("apikey")?.startsWith("sb_secret_")) throw error;
    return false;
  }
}
