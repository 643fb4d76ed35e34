/** From a `multipart/form-data` body to the parts of a request. */

import { decodeUtf8, discard } from "../../_shared/platform/body/read-body.ts";
import { type FormPart, parseMultipart } from "../../_shared/platform/body/multipart.ts";
import { parseJson } from "../../_shared/platform/parse-json.ts";
import { parsePictureBytes } from "./picture.ts";
import type { RequestFields } from "./request.ts";

const TEXT_FIELDS = ["analysis_type", "prompt", "options"];

/**
 * The picture is the file `image`; the other fields are text, `options` is JSON. A field that is
 * empty counts as left out: a form in a browser can't leave one out.
 *
 * @param body Given up: its memory may be gone once the picture is parsed.
 * @throws {ApiError} INVALID_REQUEST when it isn't a whole form, or a text isn't UTF-8.
 */
export function parseFormBody(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
): RequestFields {
  const fields: Record<string, unknown> = {};
  const problems: Record<string, string> = {};
  const seen = new Set<string>();
  let picture: FormPart | null = null;
  for (const part of parseMultipart(body, contentType)) {
    const { name } = part;
    if (seen.has(name)) setOwn(problems, name, "must be given once");
    else if (name === "image" && !part.isFile) problems.image = "must be a file, not text";
    else if (name === "image") picture = part;
    else if (part.isFile && TEXT_FIELDS.includes(name)) problems[name] = "must be text, not a file";
    else if (part.isFile) setOwn(fields, name, null);
    else if (part.bytes.byteLength > 0) setOwn(fields, name, decodeUtf8(part.bytes));
    seen.add(name);
  }
  if (!seen.has("image")) problems.image = "must be there, as a file";
  if (typeof fields.options === "string") {
    const options = parseJson(fields.options);
    if (options === undefined) problems.options = "must be JSON";
    fields.options = options;
  }
  return {
    fields,
    problems,
    parsePicture: (options) => {
      const parsed = parsePictureBytes(picture!.bytes, picture!.mediaType, options);
      discard(body);
      return parsed;
    },
  };
}

/** Also for a name such as `__proto__`. */
function setOwn(record: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(record, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
