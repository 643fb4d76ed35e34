/**
 * The media type of a `Content-Type` value, in lower case and without its parameters; `""` for none.
 *
 * @param contentType The header's value; null where it is absent.
 */
export function readMediaType(contentType: string | null): string {
  return (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

/**
 * The media types of a body, each once. Some clients set the header twice, and it arrives as one with a comma
 * in it.
 */
export function readMediaTypes({ headers }: Request): string[] {
  const contentType = headers.get("content-type") ?? "";
  // The parameter of a form may have a comma in it.
  if (/^\s*multipart\//i.test(contentType)) return [readMediaType(contentType.split(",", 1)[0]!)];
  return [...new Set(contentType.split(",").map(readMediaType))];
}

/** What curl says of any body that is given with `-d` or `--data-binary`. */
export const CURL_TYPE = "application/x-www-form-urlencoded";

/** `application/json`, and other names of it: `text/json`, `application/vnd.api+json`. */
export function isJsonType(mediaType: string): boolean {
  return /^(?:application|text)\/(?:[\w.-]+\+)?json$/.test(mediaType);
}
