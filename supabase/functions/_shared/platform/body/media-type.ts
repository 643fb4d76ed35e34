/**
 * The media type of a `Content-Type` value, in lower case and without its parameters; `""` for none.
 *
 * @param contentType The header's value; null where it is absent.
 */
export function readMediaType(contentType: string | null): string {
  return (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
}
