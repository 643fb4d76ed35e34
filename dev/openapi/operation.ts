/** What the document says of one route, before it is one of OpenAPI's objects. */
import type * as z from "zod";
import type { ApiErrorCode } from "../../supabase/functions/_shared/platform/http/api-error.ts";

/** Names of `components.headers`. */
export type HeaderName =
  | "X-Request-Id"
  | "Server-Timing"
  | "X-Cache"
  | "Age"
  | "RateLimit"
  | "RateLimit-Policy"
  | "Retry-After"
  | "Allow";

/** Names of `components.securitySchemes`. */
export type SchemeName = "userToken" | "projectSecret" | "gatewayKey";

/** A header or a query parameter of a request. */
export interface Parameter {
  name: string;
  in: "header" | "query";
  description: string;
  schema: z.ZodType;
}

/** A body by its media type. */
export type Content = Record<string, { schema: z.ZodType; examples?: Record<string, unknown> }>;

/** Which body an error has: ours, or the gateway's envelope. */
export type ErrorForm = "Error" | "GatewayError";

/** One method of a route. */
export interface Operation {
  /** Unique in the document. */
  id: string;
  method: "get" | "post";
  /** Below `/functions/v1`; the first is the usual one. */
  paths: readonly string[];
  summary: string;
  description?: string;
  /** Any of them; none where every caller may. */
  security: readonly SchemeName[];
  /** The same without a credential. */
  isOpen?: boolean;
  parameters?: readonly Parameter[];
  body?: { content: Content; isRequired: boolean };
  answer: { description: string; content: Content; headers: readonly HeaderName[] };
  /** A 503 with this body, beside the errors. */
  unhealthy?: z.ZodType;
  codes: readonly ApiErrorCode[];
  form: ErrorForm;
}
