/** From a `multipart/form-data` body to the parts of a request. */

import { OTHER_FIELDS_BYTES } from "../../_shared/platform/body/body-limits.ts";
import { type FormPart, parseMultipart } from "../../_shared/platform/body/multipart.ts";
import { decodeUtf8 } from "../../_shared/platform/body/read-body.ts";
import { bodyTooLarge } from "../../_shared/platform/body/split-json.ts";
import { parseJson } from "../../_shared/platform/parse-json.ts";
import { parsePictureBytes } from "./picture.ts";
import { sniffMediaType } from "./picture-header.ts";
import type { RequestFields } from "./request.ts";

const TEXT_FIELDS = ["analysis_type", "prompt", "options"];

/** `options` may be a Blob: some clients say so that it is JSON. */
const isOtherFile = ({ name, isFile }: FormPart) => isFile && name !== "options";

/** What a form says of a value that is not there: a browser's nothing, JavaScript's `append` its name. */
const LEFT_OUT = ["", "undefined", "null"];

/**
 * The picture is the field `image`, whatever its headers say of it; the other fields are text, `options` is
 * JSON. A field without a value counts as left out: few forms leave one out.
 *
 * @param body Given up: its memory is freed once the picture is parsed.
 * @throws {ApiError} INVALID_REQUEST when it isn't a whole form, or a text isn't UTF-8; BODY_TOO_LARGE when
 *   more than 64 KiB of it are not the picture.
 */
export function parseFormBody(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
  maxImageBytes: number,
): RequestFields {
  const parts = parseMultipart(body, contentType);
  const picture = parts.find(({ name }) => name === "image");
  const otherBytes = body.byteLength - (picture?.bytes.byteLength ?? 0);
  if (picture && otherBytes > OTHER_FIELDS_BYTES) throw bodyTooLarge(maxImageBytes);

  const fields: Record<string, unknown> = {};
  const problems: Record<string, string> = {};
  const seen = new Set<string>();
  for (const part of parts) {
    const { name, isFile, bytes } = part;
    if (seen.has(name)) setOwn(problems, name, "must be given once");
    else if (name === "image") {
      const isPicture = isFile || bytes.byteLength === 0 || sniffMediaType(bytes) !== null;
      if (!isPicture) problems.image = "must be a file, not text";
    } else if (isOtherFile(part) && TEXT_FIELDS.includes(name)) {
      problems[name] = "must be text, not a file";
    } else if (isOtherFile(part) || bytes.byteLength > OTHER_FIELDS_BYTES) {
      setOwn(fields, name, null);
    } else {
      const text = decodeUtf8(bytes);
      if (!LEFT_OUT.includes(text)) setOwn(fields, name, text);
    }
    seen.add(name);
  }
  if (!picture) problems.image = "must be there, as a file";
  if (typeof fields.options === "string") {
    const options = parseJson(fields.options);
    if (options === undefined) problems.options = "must be JSON";
    fields.options = options;
  }
  return {
    fields,
    problems,
    parsePicture: (options) => parsePictureBytes(picture!.bytes, picture!.mediaType, options),
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
