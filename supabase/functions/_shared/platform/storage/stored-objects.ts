/**
 * Objects of Supabase Storage, read in a caller's stead. A missing object, another user's and a missing
 * bucket are one answer: null.
 */

import * as z from "zod/mini";
import { toNotConfigured } from "../database/not-set-up.ts";
import { PUBLIC_SCHEMA_HEADERS } from "../database/postgrest.ts";
import { ApiError } from "../http/api-error.ts";
import { startTimeLimit } from "../http/time-limit.ts";
import { lazily } from "../lazily.ts";
import { encodePlace, type ObjectPlace } from "./object-place.ts";
import type { StorageRights } from "./storage-rights.ts";

/** What is known of an object without reading it. */
export interface StoredObject {
  /** With `version` the identity: uploading equal bytes again changes the version alone. */
  id: string;
  version: string;
  /** Without quotes; the content's md5 in hex for what was uploaded in one part. */
  etag: string | null;
  byteLength: number;
  /** As its uploader declared it. */
  mediaType: string;
  /** Of a public bucket: every caller may read it, row level security or not. */
  isPublic: boolean;
}

/** Reads objects. Whose rights decide is said with each call. */
export interface StoredObjects {
  /** @throws {ApiError} UPSTREAM_UNAVAILABLE, NOT_CONFIGURED without the migration or without Storage */
  find(place: ObjectPlace, rights: StorageRights): Promise<StoredObject | null>;
  /**
   * A URL that needs no header, good for so many seconds, of whatever is at the place then; null where
   * the caller may not read it. @throws {ApiError} UPSTREAM_UNAVAILABLE
   */
  sign(
    place: ObjectPlace,
    rights: StorageRights,
    options: SignOptions,
  ): Promise<string | null>;
  /** The URL of an object in a public bucket. */
  toPublicUrl(place: ObjectPlace): string;
  /**
   * What is at the place now; null where the object is not there any more, or has become longer.
   *
   * @throws {ApiError} UPSTREAM_UNAVAILABLE
   */
  download(
    place: ObjectPlace,
    rights: StorageRights,
    object: Pick<StoredObject, "byteLength" | "isPublic">,
  ): Promise<Downloaded | null>;
}

/** The bytes of an object, and which version of it they are. */
export interface Downloaded {
  bytes: Uint8Array<ArrayBuffer>;
  /** As in `StoredObject`, of these bytes; null where the response doesn't tell. */
  etag: string | null;
}

/** How long a signed URL is good for, and of which size the picture behind it is. */
export interface SignOptions {
  expiresInSeconds: number;
  /** Longest edge in pixels, where Storage can transform; else the object as it is. */
  maxEdge?: number | null;
}

/** Where Storage is, and how long it may take. */
export interface StoredObjectsOptions {
  /** e.g. `https://<ref>.supabase.co` */
  supabaseUrl: string;
  fetch?: typeof globalThis.fetch;
  /** Of each call. Default 5,000. */
  timeoutMs?: number;
}

const rowSchema = lazily(() =>
  z.nullable(z.object({
    id: z.string(),
    version: z.nullable(z.string()),
    etag: z.nullable(z.string()),
    byte_length: z.nullable(z.number()),
    media_type: z.nullable(z.string()),
  }))
);

const infoSchema = lazily(() =>
  z.object({
    id: z.string(),
    version: z.nullish(z.string()),
    etag: z.nullish(z.string()),
    size: z.nullish(z.number()),
    content_type: z.nullish(z.string()),
  })
);

const signedPath = () => z.string().check(z.regex(/\?token=[^?]+$/));
const signedOneSchema = lazily(() => z.object({ signedURL: signedPath() }));
const signedManySchema = lazily(() => z.array(z.object({ signedURL: z.nullable(signedPath()) })));

const TRANSFORMABLE_PATH = /^[A-Za-z0-9_/!.*'() -]+$/;

/** Whether the URL that signs one object, and alone makes a smaller copy, works for such a key. */
export function isTransformable(path: string): boolean {
  return TRANSFORMABLE_PATH.test(path);
}

/** Reads objects over the HTTP API of Storage. */
export function createStoredObjects(
  { supabaseUrl, fetch = globalThis.fetch, timeoutMs = 5_000 }: StoredObjectsOptions,
): StoredObjects {
  const base = supabaseUrl.replace(/\/$/, "");
  const storage = `${base}/storage/v1`;

  /** Sends a request and reads its response, within the time. */
  async function ask<T>(
    url: string,
    init: RequestInit,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const limit = startTimeLimit(timeoutMs);
    try {
      return await read(await fetch(url, { ...init, signal: limit.signal }));
    } catch (error) {
      throw error instanceof ApiError ? error : unavailable(error);
    } finally {
      limit.stop();
    }
  }

  async function post<T>(
    url: string,
    rights: Pick<StorageRights, "headers">,
    body: unknown,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    return await ask(url, {
      method: "POST",
      headers: { ...rights.headers, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }, read);
  }

  async function signOne(
    place: ObjectPlace,
    rights: StorageRights,
    expiresIn: number,
    edge: number,
  ): Promise<string | null> {
    const transform = { width: edge, height: edge, resize: "contain" };
    const url = `${storage}/object/sign/${encodePlace(place)}`;
    const signed = await post(
      url,
      rights,
      { expiresIn, transform },
      (response) => readStorage(response, signedOneSchema()),
    );
    if (signed === null) return null;
    // Where the feature is off, Storage ignores the transformation and says so by the path.
    const isSmall = signed.signedURL.startsWith("/render/image/sign/");
    return toSignedUrl(isSmall ? "render/image/sign" : "object/sign", place, signed.signedURL);
  }

  /** The signed path comes with the key as it is, which not every key survives as a URL. */
  function toSignedUrl(route: string, place: ObjectPlace, signedUrl: string): string {
    const token = signedUrl.slice(signedUrl.lastIndexOf("?token="));
    return `${storage}/${route}/${encodePlace(place)}${token}`;
  }

  return {
    async find(place, rights) {
      const headers = { ...rights.headers, ...PUBLIC_SCHEMA_HEADERS };
      const row = await post(`${base}/rest/v1/rpc/semantic_analysis_read_object`, { headers }, {
        p_bucket: place.bucket,
        p_path: place.path,
        ...(rights.ownerId !== null && { p_owner_id: rights.ownerId }),
      }, readRow);
      if (row !== null) return toStoredObject({ ...row, isPublic: false });
      const info = await ask(
        `${storage}/object/info/public/${encodePlace(place)}`,
        {},
        (response) => readStorage(response, infoSchema()),
      );
      return info && toStoredObject({
        id: info.id,
        version: info.version ?? null,
        etag: info.etag ?? null,
        byte_length: info.size ?? null,
        media_type: info.content_type ?? null,
        isPublic: true,
      });
    },

    async sign(place, rights, { expiresInSeconds: expiresIn, maxEdge = null }) {
      if (maxEdge !== null && isTransformable(place.path)) {
        return await signOne(place, rights, expiresIn, maxEdge);
      }
      const url = `${storage}/object/sign/${encodeURIComponent(place.bucket)}`;
      const body = { expiresIn, paths: [place.path] };
      const [signed] = await post(
        url,
        rights,
        body,
        (response) => readStorage(response, signedManySchema()),
      ) ?? [];
      return signed?.signedURL ? toSignedUrl("object/sign", place, signed.signedURL) : null;
    },

    toPublicUrl: (place) => `${storage}/object/public/${encodePlace(place)}`,

    async download(place, rights, { byteLength, isPublic }) {
      const route = isPublic ? "public" : "authenticated";
      const init = isPublic ? {} : { headers: rights.headers };
      return await ask(
        `${storage}/object/${route}/${encodePlace(place)}`,
        init,
        async (response) => {
          if (!response.ok) return await readRefusal(response);
          const bytes = await readExactly(response, byteLength);
          return bytes && { bytes, etag: toBareEtag(response.headers.get("etag")) };
        },
      );
    },
  };
}

type Row = NonNullable<z.infer<ReturnType<typeof rowSchema>>>;

function toStoredObject({ isPublic, ...row }: Row & { isPublic: boolean }): StoredObject {
  return {
    id: row.id,
    version: row.version ?? "",
    etag: toBareEtag(row.etag),
    byteLength: row.byte_length ?? 0,
    mediaType: row.media_type ?? "",
    isPublic,
  };
}

function toBareEtag(etag: string | null | undefined): string | null {
  return etag?.replace(/^"|"$/g, "") ?? null;
}

/** What Postgres says where there is no Storage: no such schema or table. */
const NO_STORAGE = ["3F000", "42P01"];

async function readRow(response: Response): Promise<Row | null> {
  const body: unknown = await response.json().catch(() => undefined);
  const row = response.ok ? rowSchema().safeParse(body).data : undefined;
  if (row !== undefined) return row;
  const error = (body ?? {}) as { code?: unknown };
  if (NO_STORAGE.includes(String(error.code))) {
    throw new ApiError("NOT_CONFIGURED", "The project has no Storage", { cause: body });
  }
  throw toNotConfigured(error, "The function's") ?? unavailable(body);
}

async function readStorage<T>(response: Response, schema: z.ZodMiniType<T>): Promise<T | null> {
  if (!response.ok) return await readRefusal(response);
  const body: unknown = await response.json().catch(() => undefined);
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw unavailable(read.error, "Storage gave an answer that can't be read");
}

/**
 * Storage answers 400 for nearly everything and tells the status in the body.
 *
 * @returns null where it refuses the request; throws where it failed.
 */
async function readRefusal(response: Response): Promise<null> {
  const body: unknown = await response.json().catch(() => undefined);
  const { statusCode } = (body ?? {}) as { statusCode?: unknown };
  const status = response.status === 400 ? Number(statusCode) : response.status;
  if (status >= 400 && status < 500 && status !== 429) return null;
  throw unavailable(body);
}

async function readExactly(
  response: Response,
  byteLength: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const bytes = new Uint8Array(byteLength);
  let filled = 0;
  for await (const chunk of response.body ?? []) {
    if (filled + chunk.byteLength > byteLength) return null;
    bytes.set(chunk, filled);
    filled += chunk.byteLength;
  }
  return filled === byteLength ? bytes : null;
}

function unavailable(cause: unknown, message = "Storage could not be reached"): ApiError {
  return new ApiError("UPSTREAM_UNAVAILABLE", message, { cause });
}
