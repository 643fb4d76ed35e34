/**
 * Holds whatever the functions send to the tests of a file against docs/openapi.json, unmodified clients'
 * calls included: importing this puts itself in the place of the global `fetch`.
 */
import assert from "node:assert/strict";
import { findProblems, isOfFunctions } from "./contract.ts";

const fetchAsBefore = globalThis.fetch;
const problems: string[] = [];

/** The same response; once its body is read, what is not as the document says fails the file's tests. */
export function watch(response: Response, { method, url }: { method: string; url: string }) {
  const { status, headers } = response;
  const see = (text: string) => {
    const found = findProblems({ method, url, status, headers, text });
    if (found.length === 0) return;
    problems.push(`${method} ${url} ${status}: ${found.join("; ")}\n${text.slice(0, 500)}`);
  };
  if (response.body === null) {
    see("");
    return response;
  }
  const decoder = new TextDecoder();
  let text = "";
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, controller) => {
        text += decoder.decode(chunk, { stream: true });
        controller.enqueue(chunk);
      },
      flush: () => see(text),
    }),
  );
  return new Response(body, response);
}

globalThis.fetch = async (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  const method = init?.method ?? (input instanceof Request ? input.method : "GET");
  const response = await fetchAsBefore(input, init);
  return isOfFunctions(url) ? watch(response, { method, url }) : response;
};

// Not where it is found: a test may swallow what its client throws.
Deno.test.afterAll(() => assert.deepEqual(problems, []));
