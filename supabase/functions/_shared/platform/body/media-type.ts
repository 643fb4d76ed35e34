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
  if (/^\s*multipart\//i.test(contentType)) return [readMediaType(contentType)];
  return [...new Set(contentType.split(",").map(readMediaType))];
}
