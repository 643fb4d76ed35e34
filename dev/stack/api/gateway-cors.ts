/** Cross-origin rules of `/rest/v1` and `/auth/v1`: any website may call, as on the platform. */

/** Whether a browser asks for permission rather than for something. */
export function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("access-control-request-method");
}

/** Permits what the browser asks for. */
export function respondToPreflight(request: Request): Response {
  return new Response(null, {
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT",
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "*",
      "access-control-max-age": "3600",
    },
  });
}

/** Lets any website read a response. */
export function allowAnyOrigin(response: Response): Response {
  response.headers.set("access-control-allow-origin", "*");
  if (!response.headers.has("access-control-expose-headers")) {
    response.headers.set("access-control-expose-headers", "Content-Range, Content-Location");
  }
  return response;
}
