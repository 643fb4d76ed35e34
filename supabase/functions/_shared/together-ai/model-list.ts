/** The wire of `GET /v1/models`. */

import * as z from "zod/mini";
import { TogetherResponseError } from "./errors.ts";

const modelsSchema = z.array(z.object({ id: z.string() }));

/** Together answers with a bare array, OpenAI-compatible servers with `{ data: [...] }`. */
const responseSchema = z.union([modelsSchema, z.object({ data: modelsSchema })]);

/** @throws {TogetherResponseError} when the body is not a list of models. */
export function parseModelIds(text: string): string[] {
  try {
    const response = responseSchema.parse(JSON.parse(text));
    return (Array.isArray(response) ? response : response.data).map((model) => model.id);
  } catch {
    throw new TogetherResponseError("Together AI sent no list of models");
  }
}
