/**
 * A picture in Supabase Storage, read with the caller's rights. Before the reservation only its row is
 * read, so that a hit needs nothing more; then it is opened, as a URL that the provider fetches or as
 * bytes. What it was is compared when the answer is settled.
 */

import { toBase64Length } from "../../_shared/platform/base64/base64.ts";
import type { ByteSemaphore } from "../../_shared/platform/body/byte-semaphore.ts";
import { readMediaType } from "../../_shared/platform/body/media-type.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";
import { type ObjectPlace, parseObjectPlace } from "../../_shared/platform/storage/object-place.ts";
import type { StorageRights } from "../../_shared/platform/storage/storage-rights.ts";
import type { StoredObject, StoredObjects } from "../../_shared/platform/storage/stored-objects.ts";
import { mayBePicture } from "./picture-label.ts";
import {
  type OpenPicture,
  type ParsedOpenPicture,
  type ParsedPicture,
  parsePictureBytes,
  type ParsePictureOptions,
  type StoredPicture,
  tooLarge,
} from "./picture.ts";

/** What the operator has decided on pictures in Storage. */
export interface StoredPictureOptions {
  maxImageBytes: number;
  /** Pass a signed URL on, so that no byte of the picture comes into this worker. */
  isUrlPassed: boolean;
  /** Ask Storage for a smaller copy. */
  isTransformed: boolean;
  /** Of a signed URL. */
  urlLifetimeSeconds: number;
}

/** Where a picture is looked for, and with whose rights. */
export interface FindStoredPicture extends StoredPictureOptions {
  objects: StoredObjects;
  rights: StorageRights;
  byteSemaphore: Pick<ByteSemaphore, "hold">;
  /** Whose share of the memory it takes. */
  bytesOwner?: string | undefined;
}

/**
 * Parses `{ bucket, path }`: a picture in Supabase Storage.
 *
 * @throws {ApiError} INVALID_REQUEST, or as `findStored`
 */
export async function parseStoredPicture(
  value: unknown,
  { findStored }: ParsePictureOptions,
): Promise<ParsedPicture> {
  const { place, problems } = parseObjectPlace(value);
  if (place === null) {
    const named = Object.entries(problems)
      .map(([field, problem]) => [field ? `image.${field}` : "image", problem]);
    throw invalidRequest(Object.fromEntries(named));
  }
  if (findStored === undefined) {
    throw new ApiError("NOT_CONFIGURED", "This project's Storage is not known to the function");
  }
  return { picture: await findStored(place), warnings: [] };
}

/** The longest edge at which a picture counts as one tile. */
export const ONE_TILE_EDGE = 1119;

/** Declared types of pictures that no provider takes: known before a model is asked about a URL. */
const FOREIGN_TYPES = /^image\/(hei[cf](-sequence)?|avif|tiff|svg\+xml|bmp|x-icon)$/;

/**
 * Finds a picture and checks what its row tells.
 *
 * @throws {ApiError} IMAGE_NOT_FOUND for one that is missing and one that the caller may not read alike,
 *   INVALID_IMAGE for one without bytes, IMAGE_TOO_LARGE, UNSUPPORTED_IMAGE_TYPE,
 *   UPSTREAM_UNAVAILABLE or NOT_CONFIGURED
 */
export async function findStoredPicture(
  place: ObjectPlace,
  options: FindStoredPicture,
): Promise<StoredPicture> {
  const { objects, rights, maxImageBytes } = options;
  const object = await objects.find(place, rights);
  if (object === null) throw notFound(place);
  if (object.byteLength === 0) {
    // As after the upload of a Blob in React Native.
    throw new ApiError("INVALID_IMAGE", "The object in Storage is empty: its upload sent no bytes");
  }
  if (object.byteLength > maxImageBytes) throw tooLarge(object.byteLength, maxImageBytes);
  const mediaType = readMediaType(object.mediaType);
  if (!mayBePicture(mediaType) || FOREIGN_TYPES.test(mediaType)) {
    throw new ApiError(
      "UNSUPPORTED_IMAGE_TYPE",
      `The object in Storage is "${mediaType.slice(0, 64)}"; it must be a JPEG, PNG, WebP or GIF`,
    );
  }
  let openedEtag: string | null = null;
  return {
    kind: "stored",
    identity: toIdentity(object),
    async open(use) {
      if (options.isUrlPassed) {
        return await use({ picture: await toUrl(place, object, options), warnings: [] });
      }
      return await openBytes(place, object, options, (opened, etag) => {
        openedEtag = etag;
        return use(opened);
      });
    },
    toAnswered: () => ({
      place,
      ownerId: rights.ownerId,
      id: object.id,
      version: object.version,
      isUnchanged: isOfBytes(object.etag) && object.etag === openedEtag,
    }),
  };
}

/** An eTag that is an md5 is one of the bytes; another tells nothing of equal bytes. */
function isOfBytes(etag: string | null): etag is string {
  return etag !== null && /^[0-9a-f]{32}$/.test(etag);
}

function toIdentity({ id, version, etag, byteLength }: StoredObject): (string | number)[] {
  return isOfBytes(etag) ? [etag, byteLength] : [id, version];
}

async function toUrl(
  place: ObjectPlace,
  object: StoredObject,
  { objects, rights, urlLifetimeSeconds, isTransformed }: FindStoredPicture,
): Promise<OpenPicture> {
  const url = object.isPublic ? objects.toPublicUrl(place) : await objects.sign(place, rights, {
    expiresInSeconds: urlLifetimeSeconds,
    maxEdge: isTransformed ? ONE_TILE_EDGE : null,
  });
  if (url === null) throw notFound(place);
  return { kind: "url", url };
}

async function openBytes<T>(
  place: ObjectPlace,
  object: StoredObject,
  { objects, rights, byteSemaphore, bytesOwner, maxImageBytes }: FindStoredPicture,
  use: (opened: ParsedOpenPicture, etag: string | null) => Promise<T>,
): Promise<T> {
  return await byteSemaphore.hold(async ({ take, complete, own }) => {
    // A picture ends up as base64. It comes from next door, so all of it is taken at once.
    await take(toBase64Length(object.byteLength));
    complete();
    const downloaded = await objects.download(place, rights, object);
    if (downloaded === null) throw notFound(place);
    const { bytes, etag } = downloaded;
    const label = readMediaType(object.mediaType);
    return await use(await parsePictureBytes(bytes, label, { maxImageBytes, own }), etag);
  }, bytesOwner);
}

function notFound({ bucket, path }: ObjectPlace): ApiError {
  // As `upload` returns it for `fullPath`. A folder may be called like its bucket, so it is looked for.
  const hint = path.startsWith(`${bucket}/`) ? "; a path is without its bucket's name" : "";
  return new ApiError(
    "IMAGE_NOT_FOUND",
    `There is no such picture in Storage, or you may not read it${hint}`,
  );
}
