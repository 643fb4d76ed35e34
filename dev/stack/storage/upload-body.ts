/** What an upload brings, as a form (Blob, File) or as a bare body (bytes, text, streams). */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type postgres from "postgres";
import {
  type FormPart,
  parseMultipart,
} from "../../../supabase/functions/_shared/platform/body/multipart.ts";
import type { BucketRow, ObjectMetadata } from "./object-rows.ts";
import { storageErrors } from "./storage-error.ts";

/** An upload, read whole: the stand-in's objects are small. */
export interface Upload {
  bytes: Uint8Array<ArrayBuffer>;
  metadata: ObjectMetadata;
  userMetadata: postgres.JSONValue;
}

const defaultSizeLimit = 50 * 1024 * 1024;

/**
 * Reads an upload.
 *
 * @throws {StorageError} when the bucket takes no such size or type
 */
export async function readUpload(request: Request, bucket: BucketRow): Promise<Upload> {
  const { body, type, cacheControl, userMetadata } = await readBody(request);
  if (bucket.allowed_mime_types?.length && !isAllowed(type, bucket.allowed_mime_types)) {
    throw storageErrors.invalidMimeType(type);
  }
  const bytes = new Uint8Array(await body.arrayBuffer());
  if (bytes.length > Math.min(bucket.file_size_limit ?? Infinity, defaultSizeLimit)) {
    throw storageErrors.tooLarge();
  }
  const metadata: ObjectMetadata = {
    eTag: `"${createHash("md5").update(bytes).digest("hex")}"`,
    size: bytes.length,
    mimetype: type,
    cacheControl,
    lastModified: new Date().toISOString(),
    contentLength: bytes.length,
    httpStatusCode: 200,
  };
  return { bytes, metadata, userMetadata };
}

async function readBody(request: Request) {
  const contentType = request.headers.get("content-type") ?? "application/octet-stream";
  if (!contentType.startsWith("multipart/form-data")) {
    const header = request.headers.get("x-metadata");
    return {
      body: request as Pick<Blob, "arrayBuffer">,
      type: contentType,
      cacheControl: request.headers.get("cache-control") ?? "no-cache",
      userMetadata: header ? parseJson(new TextDecoder().decode(decodeBase64(header))) : null,
    };
  }
  // Deno's own `formData()` drops the field without a name in which storage-js sends the content.
  const parts = readForm(new Uint8Array(await request.arrayBuffer()), contentType);
  const file = parts.find((part) => part.isFile);
  if (!file) throw storageErrors.noContent();
  const text = (name: string) => {
    const part = parts.find((part) => !part.isFile && part.name === name);
    return part && new TextDecoder().decode(part.bytes);
  };
  const cacheSeconds = text("cacheControl");
  return {
    body: new Blob([file.bytes]),
    type: text("contentType") || file.mediaType || "application/octet-stream",
    cacheControl: cacheSeconds ? `max-age=${cacheSeconds}` : "no-cache",
    userMetadata: parseJson(text("metadata") ?? text("userMetadata") ?? "null"),
  };
}

function readForm(body: Uint8Array<ArrayBuffer>, contentType: string): FormPart[] {
  try {
    return parseMultipart(body, contentType);
  } catch {
    throw storageErrors.noContent();
  }
}

function isAllowed(type: string, allowed: readonly string[]): boolean {
  const [group] = type.split("/");
  return allowed.some((entry) => entry === type || entry === `${group}/*`);
}

function parseJson(text: string): postgres.JSONValue {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Storage ignores it too
  }
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "base64"));
}
