/**
 * The gateway, with the hosted platform's paths and rules:
 *
 * - `/rest/v1/*` goes to PostgREST. An `apikey` is required; a publishable or secret key without a
 *   user's token becomes a token of its role.
 * - `/auth/v1/*` goes to the auth server, same requirement except for the public keys.
 * - `/storage/v1/*` goes to Storage with its path as it came. No `apikey` is required (signed and public
 *   URLs have none); one that comes is translated likewise.
 * - `/functions/v1/<name>/*` goes to the function as `/<name>/*`, headers unchanged: functions check
 *   callers themselves.
 */
import type { AccessTokenSigner } from "./access-token.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { AuthServer } from "./auth-server.ts";
import { authorizeApiRequest } from "./api-key-translation.ts";
import { allowAnyOrigin, isPreflight, respondToPreflight } from "./gateway-cors.ts";
import { loopback } from "../process/ports.ts";
import { proxyRequest } from "./proxy.ts";
import type { StorageServer } from "../storage/storage-server.ts";

/** What the gateway stands in front of. */
export interface Backends {
  keys: ApiKeys;
  signer: AccessTokenSigner;
  auth: AuthServer;
  storage: StorageServer;
  /** Base URL of PostgREST; undefined while it is down. */
  restUrl(): string | undefined;
  /** Base URL of a function; `"unknown"` when there is none of that name, undefined while it is down. */
  functionUrl(name: string): string | "unknown" | undefined;
}

/** The running gateway. */
export interface Gateway {
  readonly url: string;
  /** Lets requests through; until then they get a 503. */
  open(backends: Backends): void;
  stop(): Promise<void>;
}

/** Starts listening on 127.0.0.1; port 0 picks a free one. */
export function startGateway(options: { port: number }): Gateway {
  let backends: Backends | undefined;
  const closing = new AbortController();
  const server = Deno.serve(
    { hostname: loopback, port: options.port, onListen: () => {}, signal: closing.signal },
    async (request, info) => {
      if (!backends) return Response.json({ message: "The stack is starting" }, { status: 503 });
      const clientGone = new AbortController();
      info.completed.catch(() => clientGone.abort());
      try {
        return await route(request, clientGone.signal, backends);
      } catch (error) {
        if (clientGone.signal.aborted) return new Response(null, { status: 499 });
        const message = `The local gateway got no response: ${(error as Error).message}`;
        return Response.json({ message }, { status: 502 });
      }
    },
  );
  return {
    url: `http://${loopback}:${server.addr.port}`,
    open(opened) {
      backends = opened;
    },
    async stop() {
      closing.abort(); // a graceful shutdown would wait for streams and idle connections
      await server.finished;
    },
  };
}

async function route(
  request: Request,
  signal: AbortSignal,
  backends: Backends,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const [, area, version, ...rest] = pathname.split("/");
  const path = `/${rest.join("/")}`;
  if (version === "v1" && area === "functions") {
    const url = backends.functionUrl(rest[0] ?? "");
    if (url === "unknown") return functionNotFound();
    return url ? proxyRequest(request, { url: `${url}${path}${search}`, signal }) : bootError();
  }
  const routeArea = version === "v1" ? areas[area ?? ""] : undefined;
  if (!routeArea) {
    return Response.json({ message: "no Route matched with those values" }, { status: 404 });
  }
  if (isPreflight(request)) return respondToPreflight(request);
  return allowAnyOrigin(await routeArea(request, path, signal, backends));
}

const areas: Record<string, typeof routeRest> = {
  rest: routeRest,
  auth: (request, path, _signal, backends) => routeAuth(request, path, backends),
  storage: (request, _path, _signal, backends) => routeStorage(request, backends),
};

async function routeRest(
  request: Request,
  path: string,
  signal: AbortSignal,
  backends: Backends,
): Promise<Response> {
  const authorized = await authorizeApiRequest(request, backends.keys, backends.signer);
  if (authorized instanceof Response) return authorized;
  const url = backends.restUrl();
  if (!url) return Response.json({ message: "PostgREST isn't running" }, { status: 503 });
  return proxyRequest(request, {
    url: `${url}${path}${authorized.search}`,
    headers: authorized.headers,
    signal,
  });
}

async function routeAuth(
  request: Request,
  path: string,
  backends: Backends,
): Promise<Response> {
  if (!path.startsWith("/.well-known/")) {
    const authorized = await authorizeApiRequest(request, backends.keys, backends.signer);
    if (authorized instanceof Response) return authorized;
  }
  return await backends.auth.handle(request, path);
}

async function routeStorage(request: Request, backends: Backends): Promise<Response> {
  // `URL` would resolve dots in the path, which Storage doesn't.
  const path = /\/storage\/v1([^?#]*)/.exec(request.url)?.[1] ?? "";
  const hasKey = request.headers.has("apikey");
  const authorized = hasKey
    ? await authorizeApiRequest(request, backends.keys, backends.signer)
    : undefined;
  if (authorized instanceof Response) return authorized;
  return await backends.storage.handle(request, path, authorized?.headers);
}

function functionNotFound(): Response {
  const body = { code: "NOT_FOUND", message: "Requested function was not found" };
  return Response.json(body, { status: 404 });
}

function bootError(): Response {
  const body = { code: "BOOT_ERROR", message: "Function failed to start (please check logs)" };
  return Response.json(body, { status: 503 });
}
