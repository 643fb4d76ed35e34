/** Headers that several routes take or give. */
import * as z from "zod";
import type { HeaderName, Parameter } from "./operation.ts";

/** Of every answer. */
export const ALWAYS = ["X-Request-Id", "Server-Timing"] as const satisfies readonly HeaderName[];

/** Of answers that took from the limits of a caller. */
export const RATE_LIMITS = [
  "RateLimit",
  "RateLimit-Policy",
] as const satisfies readonly HeaderName[];

/** For whom a project secret calls. */
export const CALLER: readonly Parameter[] = [
  {
    name: "x-user-id",
    in: "header",
    description: "With a project secret: the user in whose name, with whose limits, it calls.",
    schema: z.guid(),
  },
  {
    name: "x-service-name",
    in: "header",
    description: "With a project secret: a service of this name, with limits of its own.",
    schema: z.string().regex(/^[a-z0-9_-]{1,64}$/),
  },
  {
    name: "X-Request-Id",
    in: "header",
    description: "The caller's own; it is logged as `client_request_id`.",
    schema: z.string().regex(/^[\w.:-]{1,128}$/),
  },
];

/** How long the caller waits. */
export const DEADLINE: Parameter = {
  name: "X-Deadline-Ms",
  in: "header",
  description: "Milliseconds from arrival that the caller waits; it can only shorten.",
  schema: z.int().min(0),
};

/** What each header of an answer says. */
export const HEADERS: Record<HeaderName, { description: string; schema: z.ZodType }> = {
  "X-Request-Id": { description: "The log has the request under it.", schema: z.string().min(1) },
  "Server-Timing": { description: "Milliseconds of each part.", schema: z.string() },
  "X-Cache": {
    description: "Where the answer is from.",
    schema: z.enum(["hit", "joined", "miss", "refresh", "off"]),
  },
  "Age": { description: "Seconds since a `hit` was stored.", schema: z.int().min(0) },
  "RateLimit": {
    description: "Left, and seconds until whole again, of each limit.",
    schema: z.string(),
  },
  "RateLimit-Policy": {
    description: "The limits: units a window, in seconds.",
    schema: z.string(),
  },
  "Retry-After": { description: "Seconds to wait before the next try.", schema: z.int().min(1) },
  "Allow": { description: "The methods of this path.", schema: z.string() },
};
