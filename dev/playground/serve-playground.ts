/** The server of the playground on this machine: the page, and what needs the local secret. */
import { extname } from "node:path";
import { requireFreePort } from "../stack/process/ports.ts";
import { parsePort } from "../stack/stack-options.ts";
import { buildPlayground, type PageFiles } from "./build-playground.ts";
import { answerLocally, isLocalPath, type LocalStack } from "./local-routes.ts";
import { toSecurityPolicy } from "./security-policy.ts";

/** The stack that the page is for. */
export interface ServedStack extends LocalStack {
  publishableKey: string;
}

/** A running server. Disposing it ends it. */
export interface PlaygroundServer extends AsyncDisposable {
  url: string;
}

const MEDIA_TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".txt": "text/plain; charset=utf-8",
};

/**
 * The port that `DEV_PLAYGROUND_PORT` names, 54323 without it.
 *
 * @throws {Error} when it isn't a port number
 * @throws {PortTakenError} when it is taken
 */
export function resolvePlaygroundPort(): number {
  const port = parsePort("DEV_PLAYGROUND_PORT", Deno.env.get("DEV_PLAYGROUND_PORT") || "54323");
  requireFreePort(port, "playground", "DEV_PLAYGROUND_PORT");
  return port;
}

/**
 * Builds the page and serves it on 127.0.0.1.
 *
 * @param port 0 for any that is free
 * @throws {Error} when the sources don't compile or the port is taken
 */
export async function servePlayground(
  stack: ServedStack,
  { port }: { port: number },
): Promise<PlaygroundServer> {
  const { apiUrl, publishableKey } = stack;
  const files = await buildPlayground({
    isLocalStack: true,
    settings: { url: apiUrl, publishableKey, isStandIn: stack.standInUrl !== undefined },
  });
  const headers = {
    "Content-Security-Policy": `${toSecurityPolicy(apiUrl)}; frame-ancestors 'none'`,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
  };
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port,
    automaticCompression: true,
    onListen: () => {},
    onError: () => new Response("The stack can't be reached", { status: 502 }),
  }, async (request) => {
    const { pathname } = new URL(request.url);
    if (!isOwnHost(request, server.addr.port)) return new Response("Not here", { status: 403 });
    if (!isLocalPath(pathname)) return serveFile(request, files, headers);
    if (!isFromPage(request)) return new Response("For the page alone", { status: 403 });
    return await answerLocally(request, stack);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function serveFile(request: Request, files: PageFiles, headers: HeadersInit): Response {
  const { pathname } = new URL(request.url);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Only GET", { status: 405, headers });
  }
  const path = pathname === "/" ? "index.html" : pathname.slice(1);
  const file = files.get(path);
  if (!file) return new Response("There is nothing here", { status: 404, headers });
  const type = MEDIA_TYPES[extname(path)] ?? "application/octet-stream";
  return new Response(file as Uint8Array<ArrayBuffer>, {
    headers: { ...Object.fromEntries(new Headers(headers)), "Content-Type": type },
  });
}

/** A page of another name that resolves to this machine is another page (DNS rebinding). */
function isOwnHost(request: Request, port: number): boolean {
  return [`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.get("host") ?? "");
}

/**
 * Whether the page itself asks. A browser names the origin of what changes something, and every browser
 * that the page is built for says where a request is from.
 */
function isFromPage(request: Request): boolean {
  const origin = request.headers.get("origin");
  const isOwnOrigin = origin === null
    ? request.method === "GET"
    : origin === `http://${request.headers.get("host")}`;
  return isOwnOrigin && request.headers.get("sec-fetch-site") === "same-origin";
}
