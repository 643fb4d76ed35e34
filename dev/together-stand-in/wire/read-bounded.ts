/**
 * Reads a body to its end, or gives null as soon as it proves longer than `maxBytes`.
 *
 * A `Content-Length` that is too large is believed at once. The rest of a refused body is cancelled.
 */
export async function readBounded(
  source: Request | Response,
  maxBytes: number,
): Promise<Uint8Array | null> {
  if (Number(source.headers.get("content-length") ?? 0) > maxBytes) {
    await source.body?.cancel();
    return null;
  }
  if (source.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the body.
  for await (const chunk of source.body) {
    length += chunk.byteLength;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
