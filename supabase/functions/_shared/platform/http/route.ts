/** Which path and which method a request is for. */

import { ApiError } from "./api-error.ts";
import { invalidRequest } from "./invalid-request.ts";

/**
 * The path below the function, whichever part of it the platform has already taken off.
 *
 * @throws {ApiError} INVALID_REQUEST where the `Host` header makes no URL.
 */
export function toRoute(request: Request, functionName: string): string {
  const url = URL.parse(request.url);
  if (url === null) throw invalidRequest({ host: "must be a host name" });
  const { pathname } = url;
  const path = pathname.replace(/^\/functions\/v1(?=\/)/, "");
  const isOfFunction = path === `/${functionName}` || path.startsWith(`/${functionName}/`);
  const route = isOfFunction ? path.slice(functionName.length + 1) : path;
  // A row of slashes is tried from its first one alone: a URL may be 60 KB of them.
  return route.replace(/(?<!\/)\/+$/, "") || "/";
}

/**
 * GET is HEAD as well: monitors use it, and the endpoint leaves the body out.
 *
 * @throws {ApiError} METHOD_NOT_ALLOWED when the request has none of the methods.
 */
export function requireMethod(request: Request, ...methods: ("GET" | "POST")[]): void {
  const allowed = methods.flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]);
  if (allowed.includes(request.method)) return;
  const named = methods.map((method) => `"${method}"`).join(" and ");
  throw new ApiError(
    "METHOD_NOT_ALLOWED",
    `"${request.method}" is not allowed here, ${named} ${methods.length > 1 ? "are" : "is"}`,
    { headers: { Allow: [...allowed, "OPTIONS"].join(", ") } },
  );
}
