/** The body of every error, as the document tells it. */
import * as z from "zod";
import type {
  ApiErrorCode,
  ErrorBody,
} from "../../../supabase/functions/_shared/platform/http/api-error.ts";
import type { Same } from "../same-type.ts";

export const detailsSchema = z.record(z.string(), z.unknown()).describe(
  "For machines, beyond the message: which limit, or path → problem.",
);

const fieldsSchema = z.object({
  message: z.string().min(1),
  request_id: z.string(),
  details: detailsSchema.exactOptional(),
});

/** The compiler holds the schema against the type of the wire. */
export const hasFields: Same<z.infer<typeof fieldsSchema>, Omit<ErrorBody["error"], "code">> = true;

/** The body of an error that has one of these codes. */
export function errorBodySchema(codes: readonly ApiErrorCode[]) {
  return z.object({ error: z.object({ code: z.enum(codes), ...fieldsSchema.shape }) });
}
