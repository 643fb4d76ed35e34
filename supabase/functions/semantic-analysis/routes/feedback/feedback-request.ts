import * as z from "zod/mini";
import { invalidFields, invalidRequest } from "../../../_shared/platform/http/invalid-request.ts";
import { lazily } from "../../../_shared/platform/lazily.ts";
import { type FeedbackRequestBody, VERDICTS } from "../../../_shared/client/contract.ts";
import { MATERIAL_LIMITS, MATERIAL_VOCABULARY } from "../../../_shared/client/material.ts";

const TYPE_PROBLEM =
  `must be 1 to ${MATERIAL_LIMITS.type} characters: letters, spaces, hyphens, apostrophes`;
/** Letters and blanks alone: what is kept can be no address and no number of a person. */
const TYPE = `^(?=.{1,${MATERIAL_LIMITS.type}}$)\\p{L}[\\p{L}\\p{M}' -]*$`;

const correctionSchema = lazily(() => {
  const oneOf = (name: keyof typeof MATERIAL_VOCABULARY) => {
    const known = MATERIAL_VOCABULARY[name].filter((value) => value !== "unknown");
    return z.optional(z.enum(known, { error: `must be one of ${known.join(", ")}` }));
  };
  const shape = {
    family: oneOf("family"),
    type: z.optional(
      z.string({ error: TYPE_PROBLEM }).check(z.regex(new RegExp(TYPE, "u"), TYPE_PROBLEM)),
    ),
    finish: oneOf("finish"),
    texture: oneOf("texture"),
    pattern: oneOf("pattern"),
    reflectivity: oneOf("reflectivity"),
    transparency: oneOf("transparency"),
  };
  const error = `must be an object with ${Object.keys(shape).join(", ")} and nothing else`;
  return z.strictObject(shape, { error });
});

const feedbackSchema = lazily(() =>
  z.object({
    request_id: z.guid({ error: "must be the request_id of an answer" }),
    verdict: z.enum(VERDICTS, { error: `must be one of ${VERDICTS.join(", ")}` }),
    correction: z.optional(z.nullable(correctionSchema())),
  })
);

/** @throws {ApiError} INVALID_REQUEST with a problem for each wrong field */
export function parseFeedback(body: Record<string, unknown>): Required<FeedbackRequestBody> {
  const { data, error } = feedbackSchema().safeParse(body);
  if (error) throw invalidFields(error);
  const correction = data.correction ?? {};
  if (data.verdict === "right" && Object.keys(correction).length > 0) {
    throw invalidRequest({ correction: "must be left out where the answer is right" });
  }
  return {
    request_id: data.request_id.toLowerCase(),
    verdict: data.verdict,
    correction: correction as Required<FeedbackRequestBody>["correction"],
  };
}
