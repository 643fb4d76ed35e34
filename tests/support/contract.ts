/**
 * Whether what a function sends is what docs/openapi.json says. A member that the document doesn't know
 * fails here; the published schemas stay open.
 */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { createParser } from "eventsource-parser";
import { buildDocument, FUNCTIONS, type Json } from "../../dev/openapi/document.ts";

/** A response whose body has been read. */
export interface SeenResponse {
  method: string;
  /** With or without a host; `/functions/v1` may stand before the function's name. */
  url: string;
  status: number;
  headers: Headers;
  text: string;
}

const DOCUMENT = closed(buildDocument());
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(DOCUMENT, "openapi");
const validators = new Map<string, ValidateFunction>();

const FUNCTION_PATH = new RegExp(`/(${Object.keys(FUNCTIONS).join("|")})(?=[/?]|$)[^?]*`);

/** Whether a URL is one of the functions'. */
export function isOfFunctions(url: string): boolean {
  return FUNCTION_PATH.test(url);
}

/** What is not as the document says; empty where all is. */
export function findProblems(seen: SeenResponse): string[] {
  const { status, headers, method } = seen;
  const isAnswered = headers.has("x-request-id");
  // Without an id it is the platform's in the function's place, or the answer to a preflight.
  if (method === "OPTIONS" || (!isAnswered && status >= 500)) return [];
  if (!isAnswered) return ["no X-Request-Id"];
  const path = toPath(seen.url);
  const operation = path && DOCUMENT.paths[path]?.[method.toLowerCase()];
  return operation ? checkAnswer(seen, operation) : checkError(seen, [404, 405]);
}

function toPath(url: string): string | null {
  const path = FUNCTION_PATH.exec(url)?.[0].replace(/\/+$/, "") ?? "";
  const item = DOCUMENT.paths[path];
  return item?.$ref ? item.$ref.slice("#/paths/".length).replaceAll("~1", "/") : item ? path : null;
}

function checkAnswer(seen: SeenResponse, operation: Json): string[] {
  const { status, headers, text, method } = seen;
  const pointer = operation.responses[status];
  if (!pointer) return [`no status ${status} at ${operation.operationId}`];
  const response = pointer.$ref ? resolve(pointer.$ref) : pointer;
  const problems = checkHeaders(headers, response);
  if (method === "HEAD") return problems;
  const type = headers.get("content-type")?.split(";")[0] ?? "";
  const content = response.content?.[type];
  if (!content) return [...problems, `no ${type} with ${status} at ${operation.operationId}`];
  if (type === "text/event-stream") return [...problems, ...checkEvents(text)];
  problems.push(...check(content.schema, text));
  const code = status === 200 ? null : JSON.parse(text).error?.code;
  if (code && pointer.$ref && !pointer.description.includes(`\`${toInner(code)}\``)) {
    problems.push(`no code ${code} at ${operation.operationId}`);
  }
  if (seen.url.includes("mivaa-gateway") && status === 200) problems.push(...checkPassedOn(text));
  return problems;
}

/** What the gateway passes on of an analysis; what another service sends is its own. */
function checkPassedOn(text: string): string[] {
  const { data } = JSON.parse(text);
  const isAnalysis = typeof data?.model_requested === "string";
  return isAnalysis ? check(refTo("AnalysisResponse"), JSON.stringify(data)) : [];
}

function toInner(code: string): string {
  return code === "GATEWAY_ERROR" ? "INTERNAL" : code;
}

/** An error at a path or by a method that the document doesn't know. */
function checkError({ status, text, method, url }: SeenResponse, statuses: number[]): string[] {
  if (!statuses.includes(status)) return [`${method} ${url} is not in the document: ${status}`];
  if (method === "HEAD") return [];
  const form = url.includes("mivaa-gateway") ? "GatewayError405" : "Error405";
  const { schema } = resolve(`#/components/responses/${form}`).content["application/json"];
  return status === 405 ? check(schema, text) : [];
}

function checkHeaders(headers: Headers, response: Json): string[] {
  const problems: string[] = [];
  for (const name of Object.keys(DOCUMENT.components.headers)) {
    const value = headers.get(name);
    if (value === null) continue;
    if (!response.headers[name]) problems.push(`the header ${name} is not in the document`);
    const { schema } = DOCUMENT.components.headers[name];
    const typed = schema.type === "integer" ? value : JSON.stringify(value);
    problems.push(...check(schema, typed).map((problem) => `${name}: ${problem}`));
  }
  if (!headers.has("server-timing")) problems.push("no Server-Timing");
  if (response.headers["Retry-After"] && !headers.has("retry-after")) {
    problems.push("no Retry-After");
  }
  return problems;
}

const EVENT_SCHEMAS: Record<string, string> = {
  delta: "Delta",
  result: "AnalysisResponse",
  error: "ErrorEvent",
};

/** Each event by itself, and that the last one alone ends the stream. */
function checkEvents(text: string): string[] {
  const problems: string[] = [];
  const names: string[] = [];
  const parser = createParser({
    onEvent: ({ event = "message", data }) => {
      names.push(event);
      const name = EVENT_SCHEMAS[event];
      problems.push(...name ? check(refTo(name), data) : [`an event "${event}"`]);
    },
  });
  parser.feed(text);
  const ends = names.filter((name) => name !== "delta");
  if (ends.length !== 1 || names.at(-1) === "delta") problems.push(`events ${names.join(" ")}`);
  return problems;
}

function refTo(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function resolve(pointer: string): Json {
  return pointer.slice(2).split("/").reduce((value, name) => value[name], DOCUMENT);
}

function check(schema: Json, text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [`no JSON: ${text.slice(0, 200)}`];
  }
  const key = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
  let validate = validators.get(key);
  if (!validate) {
    validate = ajv.compile(JSON.parse(key));
    validators.set(key, validate);
  }
  if (validate(value)) return [];
  return validate.errors!.map(({ instancePath, message, params }) =>
    `${instancePath || "/"} ${message} ${JSON.stringify(params)}`
  );
}

/** A copy in which an object has no members but those that are named. */
function closed(value: Json): Json {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each)]));
  const isClosable = copy.type === "object" && copy.properties && !("additionalProperties" in copy);
  return isClosable ? { ...copy, additionalProperties: false } : copy;
}
