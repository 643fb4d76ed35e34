/** The OpenAPI document of all functions. https://spec.openapis.org/oas/v3.1.1 */
import * as z from "zod";
import {
  ApiError,
  type ApiErrorCode,
} from "../../supabase/functions/_shared/platform/http/api-error.ts";
import { VERSION } from "../../supabase/functions/_shared/platform/version.ts";
import type { Content, ErrorForm, HeaderName, Operation } from "./operation.ts";
import { ALWAYS, HEADERS, RATE_LIMITS } from "./parameters.ts";
import { ANALYSE_CATALOGUE } from "./routes/analyse-catalogue.ts";
import { MIVAA_GATEWAY } from "./routes/mivaa-gateway.ts";
import { SEMANTIC_ANALYSIS } from "./routes/semantic-analysis.ts";
import { VISUAL_SEARCH } from "./routes/visual-search.ts";
import { deltaSchema } from "./schemas/analysis.ts";
import { errorBodySchema } from "./schemas/errors.ts";
import { gatewayErrorSchema } from "./schemas/gateway.ts";

/** JSON whose parts are looked into by name. */
// deno-lint-ignore no-explicit-any
export type Json = any;

/** Each function's routes. */
export const FUNCTIONS: Record<string, readonly Operation[]> = {
  "semantic-analysis": SEMANTIC_ANALYSIS,
  "visual-search": VISUAL_SEARCH,
  "mivaa-gateway": MIVAA_GATEWAY,
  "analyse-catalogue": ANALYSE_CATALOGUE,
};

const PURPOSES = {
  "semantic-analysis": "Tells what material is in a picture.",
  "visual-search": "Finds materials of the catalogue.",
  "mivaa-gateway": "Lets clients of the MIVAA gateway reach both in the envelope that they speak.",
  "analyse-catalogue": "Analyses the pictures of the catalogue, for the project's own code.",
};

const ERROR_FORMS: Record<ErrorForm, (codes: readonly ApiErrorCode[]) => z.ZodType> = {
  Error: errorBodySchema,
  GatewayError: (codes) =>
    gatewayErrorSchema(codes.map((code) => code === "INTERNAL" ? "GATEWAY_ERROR" : code)),
};

const SECURITY_SCHEMES = {
  userToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A user's access token, as supabase-js sends it.",
  },
  projectSecret: {
    type: "apiKey",
    in: "header",
    name: "apikey",
    description: "`sb_secret_…`, for the project's own code alone.",
  },
  gatewayKey: {
    type: "http",
    scheme: "bearer",
    description: "One of `MIVAA_GATEWAY_KEYS`.",
  },
};

/** Builds the document that `docs/openapi.json` is. */
export function buildDocument(): Json {
  const schemas: Record<string, Json> = {};
  const toSchema = (schema: z.ZodType) => toJsonSchema(schema, schemas);
  for (const schema of [deltaSchema, toErrorEventSchema()]) toSchema(schema);
  const paths: Record<string, Json> = {};
  for (const [tag, operations] of Object.entries(FUNCTIONS)) {
    for (const operation of operations) {
      const [path, ...aliases] = operation.paths as [string, ...string[]];
      const methods = paths[path] ??= {};
      methods[operation.method] = toOperation(operation, tag, toSchema);
      if (operation.method === "get") methods.head = toHead(methods.get);
      const $ref = `#/paths/${path.replaceAll("/", "~1")}`;
      for (const alias of aliases) paths[alias] = { $ref };
    }
  }
  const responses = toErrorResponses(toSchema);
  const headers = Object.fromEntries(
    Object.entries(HEADERS).map(([name, header]) => [
      name,
      { ...header, schema: toSchema(header.schema) },
    ]),
  );
  return {
    openapi: "3.1.1",
    info: {
      title: "semantic-analysis",
      version: VERSION,
      summary: "What material is in a picture, for Supabase projects",
      description:
        "The functions answer browsers of every origin that `ALLOWED_ORIGINS` names, and expose the " +
        "headers below to them. Objects of answers may get further members.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{
      url: "https://{project}.supabase.co/functions/v1",
      description: "A hosted project.",
      variables: { project: { default: "project-ref" } },
    }, { url: "http://127.0.0.1:54321/functions/v1", description: "The local stack." }],
    tags: Object.entries(PURPOSES).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: sorted(schemas), responses, headers, securitySchemes: SECURITY_SCHEMES },
  };
}

/** Data of an `error` event: once a stream has begun there is no status. */
function toErrorEventSchema(): z.ZodType {
  const codes = SEMANTIC_ANALYSIS.find(({ id }) => id === "analysePicture")!.codes;
  return errorBodySchema(codes).meta({ id: "ErrorEvent" });
}

/** A schema as JSON; those with an id go into `schemas` and are referred to. */
function toJsonSchema(schema: z.ZodType, schemas: Record<string, Json>): Json {
  const { properties, $defs = {} } = z.toJSONSchema(z.object({ root: schema }), {
    io: "input",
    override: ({ jsonSchema }) => {
      // These keywords say nothing in JSON: every key of an object is a string, every integer a safe one.
      delete jsonSchema.propertyNames;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  const text = JSON.stringify({ root: properties!.root, $defs })
    .replaceAll('"#/$defs/', '"#/components/schemas/');
  const { root, $defs: named } = JSON.parse(text);
  for (const [name, { id: _id, ...rest }] of Object.entries<Json>(named)) schemas[name] = rest;
  return root;
}

type ToSchema = (schema: z.ZodType) => Json;

function toOperation(operation: Operation, tag: string, toSchema: ToSchema): Json {
  const { id, summary, description, security, isOpen, parameters, body, answer } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: [...isOpen ? [{}] : [], ...security.map((name) => ({ [name]: [] }))],
    ...(parameters && {
      parameters: parameters.map((each) => ({ ...each, schema: toSchema(each.schema) })),
    }),
    ...(body && {
      requestBody: { required: body.isRequired, content: toContent(body.content, toSchema) },
    }),
    responses: {
      200: {
        description: answer.description,
        headers: toHeaders(answer.headers),
        content: toContent(answer.content, toSchema),
      },
      ...toErrors(operation, toSchema),
    },
  };
}

/** What `GET` says, without its bodies. */
function toHead({ operationId, summary, tags, security, parameters, responses }: Json): Json {
  const toBare = (response: Json) =>
    response.$ref ? response : { description: response.description, headers: response.headers };
  return {
    operationId: `${operationId}Head`,
    tags,
    summary: `${summary}: status and headers alone`,
    security,
    ...(parameters && { parameters }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [status, toBare(response)]),
    ),
  };
}

function toContent(content: Content, toSchema: ToSchema): Json {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema, examples = {} }]) => [type, {
      schema: toSchema(schema),
      ...(Object.keys(examples).length > 0 && {
        examples: Object.fromEntries(
          Object.entries(examples).map(([name, value]) => [name, { value }]),
        ),
      }),
    }]),
  );
}

/** By status: a reference to what all routes of the form have in common, with the route's own codes. */
function toErrors({ codes, form, unhealthy, answer }: Operation, toSchema: ToSchema): Json {
  const byStatus = Map.groupBy(codes, toStatus);
  const errors = [...byStatus].map(([status, ofStatus]) => [status, {
    $ref: `#/components/responses/${toResponseName(form, status)}`,
    description: ofStatus.map((code) => `\`${code}\``).join(", "),
  }]);
  return {
    ...Object.fromEntries(errors),
    ...(unhealthy && {
      503: {
        description: "It does not work.",
        headers: toHeaders([...answer.headers, "Retry-After"]),
        content: toContent({ "application/json": { schema: unhealthy } }, toSchema),
      },
    }),
  };
}

/** What can go wrong, by the form of the body and by status. */
function toErrorResponses(toSchema: ToSchema): Record<string, Json> {
  const all = Object.values(FUNCTIONS).flat();
  const entries = Object.entries(ERROR_FORMS).flatMap(([form, toErrorSchema]) => {
    const codes = new Set(all.filter((each) => each.form === form).flatMap(({ codes }) => codes));
    return [...Map.groupBy(codes, toStatus)].map(([status, ofStatus]) => [
      toResponseName(form, status),
      {
        description: `Status ${status}`,
        headers: toHeaders([
          ...ALWAYS,
          ...RATE_LIMITS,
          "X-Cache",
          ...status === 405 ? ["Allow" as const] : [],
          ...status === 429 || status === 503 ? ["Retry-After" as const] : [],
        ]),
        content: toContent({ "application/json": { schema: toErrorSchema(ofStatus) } }, toSchema),
      },
    ]);
  });
  return Object.fromEntries(entries);
}

function toResponseName(form: string, status: number): string {
  return `${form}${status}`;
}

/** The status of each answer with this code. */
export function toStatus(code: ApiErrorCode): number {
  return new ApiError(code, "").status;
}

function toHeaders(names: readonly HeaderName[]): Json {
  return Object.fromEntries(
    names.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
}

function sorted(record: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(
    Object.keys(record).sort().map((name) => [name, record[name]]),
  );
}
