import type { Operation } from "../operation.ts";
import { ALWAYS, CALLER, DEADLINE, RATE_LIMITS } from "../parameters.ts";
import { PICTURE } from "../examples.ts";
import { envelopeSchema, gatewayAnswerSchema, gatewayHealthSchema } from "../schemas/gateway.ts";
import { ANALYSIS_CODES } from "./semantic-analysis.ts";

/** The routes of mivaa-gateway. */
export const MIVAA_GATEWAY: readonly Operation[] = [
  {
    id: "runAction",
    method: "post",
    paths: ["/mivaa-gateway", "/mivaa-gateway/api/mivaa/gateway"],
    summary: "Run an action, for clients that speak the MIVAA gateway's envelope",
    security: ["userToken", "projectSecret", "gatewayKey"],
    parameters: [...CALLER, DEADLINE],
    body: {
      isRequired: true,
      content: {
        "application/json": {
          schema: envelopeSchema,
          examples: { analysis: { action: "semantic_analysis", payload: PICTURE } },
        },
      },
    },
    answer: {
      description: "What the action came to.",
      headers: [...ALWAYS, ...RATE_LIMITS, "X-Cache"],
      content: { "application/json": { schema: gatewayAnswerSchema } },
    },
    codes: [...ANALYSIS_CODES, "INVALID_REQUEST_BODY", "MISSING_ACTION"],
    form: "GatewayError",
  },
  {
    id: "readGatewayHealth",
    method: "get",
    paths: ["/mivaa-gateway/api/mivaa/health", "/mivaa-gateway/health"],
    summary: "How the gateway is, and what it stands in front of",
    security: [],
    isOpen: true,
    answer: {
      description: "All that is configured is up.",
      headers: ALWAYS,
      content: { "application/json": { schema: gatewayHealthSchema } },
    },
    unhealthy: gatewayHealthSchema,
    codes: ["METHOD_NOT_ALLOWED", "INTERNAL"],
    form: "GatewayError",
  },
];
