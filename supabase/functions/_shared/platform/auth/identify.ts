import { createHash } from "node:crypto";
import { findUnauthorizedReason } from "./unauthorized.ts";
import type { Authenticate, Caller } from "./authenticate.ts";
import type { RequestContext } from "../http/endpoint.ts";

/** Verifies the caller, and notes in the log who it is. @throws {ApiError} as `authenticate` */
export async function identify(
  request: Request,
  context: RequestContext,
  authenticate: Authenticate,
): Promise<Caller> {
  const caller = await context.timings.measure("auth", () => authenticate(request.headers))
    .catch((error) => {
      const reason = findUnauthorizedReason(error);
      if (reason !== null) context.note({ reason });
      throw error;
    });
  context.note({ caller: caller.kind, subject_hash: toLogHash(caller.subject) });
  return caller;
}

/** Tells one from another in the log without showing either: half a SHA-256, as hex. */
export function toLogHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
