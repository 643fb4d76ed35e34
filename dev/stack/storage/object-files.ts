/** The content of objects: one file a version, named by it, so that no key becomes a path. */
import { storageErrors } from "./storage-error.ts";
import type { ObjectRow } from "./object-rows.ts";

/** Writes a version's content. */
export async function writeFile(
  folder: string,
  version: string,
  bytes: Uint8Array,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/${version}`, bytes);
}

/** Deletes a version's content where it is. */
export async function removeFile(folder: string, version: string): Promise<void> {
  await Deno.remove(`${folder}/${version}`).catch(() => {});
}

/**
 * Answers with an object's content, or a range of it, and the headers of Storage.
 *
 * @throws {StorageError} for a range outside the object
 */
export async function serveFile(
  folder: string,
  object: ObjectRow,
  request: Request,
  expires?: Date,
): Promise<Response> {
  const { metadata, version } = object;
  const headers = new Headers({
    "accept-ranges": "bytes",
    "content-type": metadata.mimetype,
    "etag": metadata.eTag,
    "last-modified": new Date(metadata.lastModified).toUTCString(),
    "x-robots-tag": "none",
    ...(expires ? { expires: expires.toUTCString() } : { "cache-control": metadata.cacheControl }),
  });
  const download = new URL(request.url).searchParams.get("download");
  if (download !== null) {
    const name = encodeURIComponent(download);
    const named = `attachment; filename=${name}; filename*=UTF-8''${name}`;
    headers.set("content-disposition", download === "" ? "attachment;" : named);
  }
  if (request.headers.get("if-none-match") === metadata.eTag) {
    return new Response(null, { status: 304, headers });
  }
  const range = request.headers.get("range");
  const bytes = await Deno.readFile(`${folder}/${version}`).catch(() => {
    throw storageErrors.noSuchKey();
  });
  if (range === null) return new Response(bytes, { headers });
  const [from, to] = parseRange(range, bytes.length);
  headers.set("content-range", `bytes ${from}-${to}/${bytes.length}`);
  return new Response(bytes.subarray(from, to + 1), { status: 206, headers });
}

/** First and last byte of `bytes=a-b`, `bytes=a-` or `bytes=-n`. */
function parseRange(header: string, size: number): [number, number] {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  const from = first ? Number(first) : Math.max(size - Number(last), 0);
  const to = first && last ? Math.min(Number(last), size - 1) : size - 1;
  if ((!first && !Number(last)) || from > to) throw storageErrors.invalidRange();
  return [from, to];
}
