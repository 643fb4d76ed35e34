/** Existing clients of the gateway, written against what they know of it: none of our code. */
import type { Stack } from "../../dev/stack/stack.ts";
import type { Body } from "./project.ts";

/** A key that is built into clients. */
export const STATIC_KEY = "mk_api_2024_static_key_in_a_frontend";

/** The key of the MIVAA service, which no client has. */
export const SERVICE_KEY = "key-of-the-mivaa-service";

/** What such a client does: asks up to three times, unless the text speaks of its key. */
export async function callMivaa(
  url: string,
  key: string,
  envelope: { action: string; payload?: unknown },
): Promise<{ data: Body; metadata: Body; tries: number }> {
  for (let tries = 1;; tries++) {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
        body: JSON.stringify(envelope),
        signal: AbortSignal.timeout(30_000),
      });
      const result = await response.json();
      if (!response.ok) throw new Error(result.error?.message || `HTTP ${response.status}`);
      if (!result.success) throw new Error(result.error.message);
      return { data: result.data, metadata: result.metadata, tries };
    } catch (error) {
      const { message } = error as Error;
      const isFinal = message.includes("401") || message.includes("403");
      if (isFinal || tries === 3) throw Object.assign(new Error(message), { tries });
    }
  }
}

/** A MIVAA service that answers as told, and what it was asked. */
export function startFakeService() {
  const requests: { method: string; path: string; headers: Headers; body: string }[] = [];
  const answers: (() => Response | Promise<Response>)[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      requests.push({
        method: request.method,
        path: pathname + search,
        headers: request.headers,
        body: await request.text(),
      });
      return await answers.shift()?.() ?? Response.json({ from: pathname });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    answerNext: (answer: () => Response | Promise<Response>) => void answers.push(answer),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The URLs that existing clients call. */
export const paths = (stack: Stack) => ({
  bare: `${stack.apiUrl}/functions/v1/mivaa-gateway`,
  old: `${stack.apiUrl}/functions/v1/mivaa-gateway/api/mivaa/gateway`,
  health: `${stack.apiUrl}/functions/v1/mivaa-gateway/api/mivaa/health`,
});

/** Status, headers and parsed body of a response. */
export async function read(response: Response) {
  return {
    status: response.status,
    headers: response.headers,
    body: await response.json() as Body,
  };
}

/** Posts an envelope. */
export function post(
  url: string,
  key: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  return fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  }).then(read);
}
