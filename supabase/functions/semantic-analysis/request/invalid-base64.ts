import { ApiError } from "../../_shared/platform/http/api-error.ts";

/** @param base64 What isn't any; its beginning is enough. */
export function invalidBase64(base64: string): ApiError {
  return new ApiError("INVALID_IMAGE", toBase64Problem(base64));
}

function toBase64Problem(base64: string): string {
  const begin = base64.slice(0, 4_096);
  if (/^[\w-]+={0,2}$/.test(begin) && /[-_]/.test(begin)) {
    return "The picture is in URL-safe base64; it must be standard base64";
  }
  if (begin.startsWith("[object ")) {
    return `The picture is the text "${begin.slice(0, 32)}": its bytes are wanted, not its name`;
  }
  if (begin.includes(" ")) {
    return "The picture's base64 has blanks in it: a + becomes one where text is taken for a form's";
  }
  return "The picture is not valid base64";
}
