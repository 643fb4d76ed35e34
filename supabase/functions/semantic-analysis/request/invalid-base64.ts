import { ApiError } from "../../_shared/platform/http/api-error.ts";

/**
 * @param base64 What isn't any; its beginning is enough.
 * @param length Of all of it, in characters.
 */
export function invalidBase64(base64: string, length: number): ApiError {
  return new ApiError("INVALID_IMAGE", toBase64Problem(base64, length));
}

function toBase64Problem(base64: string, length: number): string {
  const begin = base64.slice(0, 4_096);
  if (length <= 2_048 && /^\S*[^.]\.[a-z]\w{1,4}([?#]\S*)?$/i.test(begin)) {
    return "The picture is the name of a file, or an address without https://; its bytes are wanted, " +
      "a whole https URL, or for a picture in Storage image: { bucket, path }";
  }
  if (begin > "\x7f") return "The picture is its bytes as text; it must be the base64 of them";
  if (/^[\w-]+={0,2}$/.test(begin) && /[-_]/.test(begin)) {
    return "The picture is in URL-safe base64; it must be standard base64";
  }
  if (/^(\[object |undefined)/.test(begin)) {
    return `The picture is the text "${begin.slice(0, 32)}": its bytes are wanted, not its name`;
  }
  if (/^data:/i.test(begin)) return "The picture has the beginning of a data: URI twice";
  if (/%[0-9a-f]{2}/i.test(begin)) {
    return "The picture's base64 is percent-encoded, as in a URL; it must be standard base64";
  }
  if (begin.includes(" ")) {
    return "The picture's base64 has blanks in it: a + becomes one where text is taken for a form's";
  }
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(begin) && length % 4 !== 0) {
    return "The picture's base64 is cut off, or lacks the = at its end: its length must be a multiple of 4";
  }
  return "The picture is not valid base64";
}
