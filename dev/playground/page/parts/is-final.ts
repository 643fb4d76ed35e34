import {
  type ErrorCode,
  SemanticAnalysisError,
} from "../../../../supabase/functions/_shared/client/client.ts";

/** Codes by which the same request ends the same way, however often it is made. */
export const FINAL_CODES: readonly ErrorCode[] = [
  "INVALID_REQUEST",
  "INVALID_IMAGE",
  "UNSUPPORTED_IMAGE_TYPE",
  "FORBIDDEN",
  "NOT_FOUND",
  "IMAGE_NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "IMAGE_TOO_LARGE",
  "BODY_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "UPSTREAM_REJECTED",
  "INVALID_RESPONSE",
  "PICTURE_UNREADABLE",
];

/** Whether the same request would fail again. */
export function isFinal(error: unknown): boolean {
  return error instanceof SemanticAnalysisError && FINAL_CODES.includes(error.code);
}
