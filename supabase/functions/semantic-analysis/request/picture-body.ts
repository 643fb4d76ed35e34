/** From a body that is the picture, and the URL's query, to the parts of a request. */

import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";
import { parsePictureBytes } from "./picture.ts";
import type { RequestFields } from "./request.ts";

/** Added by supabase-js when a region is asked for; the platform has read it. */
const PLATFORM_PARAMETERS = ["forceFunctionRegion"];

const OPTION_NAMES = ["temperature", "max_tokens", "stream", "cache", "min_precision"];

/** More than any request of ours has; what is over is refused unread. */
const MAX_PARAMETERS = 64;

/**
 * @param body Given up: its memory is freed once the picture is parsed.
 * @param label What the sender calls it.
 * @param query `analysis_type`, `temperature`, `max_tokens`, `stream`, `cache` and `min_precision`. A prompt is
 *   refused: URLs end up in logs.
 * @throws {ApiError} INVALID_REQUEST for more than 64 parameters.
 */
export function parsePictureBody(
  body: Uint8Array<ArrayBuffer>,
  label: string,
  query: URLSearchParams,
): RequestFields {
  if (query.size > MAX_PARAMETERS) {
    throw invalidRequest({ query: `must have at most ${MAX_PARAMETERS} parameters` });
  }
  const problems: [string, string][] = [];
  const fields: [string, unknown][] = [];
  const options: [string, unknown][] = [];
  for (const name of new Set(query.keys())) {
    const [text, ...more] = query.getAll(name) as [string, ...string[]];
    if (name === "prompt") {
      problems.push([name, "must not be in the URL, which is logged: send it in JSON or a form"]);
    } else if (more.length > 0 && isKnown(name)) problems.push([name, "must be given once"]);
    else if (OPTION_NAMES.includes(name)) options.push([name, parseValue(name, text)]);
    else if (!PLATFORM_PARAMETERS.includes(name)) fields.push([name, text]);
  }
  return {
    // A parameter that is itself called `options` counts as unknown.
    fields: {
      ...Object.fromEntries(fields.map(([name, value]) => [toUnknownName(name), value])),
      options: Object.fromEntries(options),
    },
    problems: Object.fromEntries(problems),
    toFieldName: (path) => path.replace(/^options\./, ""),
    parsePicture: (parseOptions) => parsePictureBytes(body, label, parseOptions),
  };
}

function isKnown(name: string): boolean {
  return name === "analysis_type" || OPTION_NAMES.includes(name);
}

function toUnknownName(name: string): string {
  return name === "options" ? "options (in the URL)" : name;
}

/** What isn't exactly a number or a truth value stays a text, which the schema refuses. */
function parseValue(name: string, text: string): unknown {
  if (name === "cache") return text;
  if (name === "stream") return { true: true, false: false }[text] ?? text;
  return /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : text;
}
