import { toBase64Length } from "../base64/base64.ts";
import { ApiError } from "../http/api-error.ts";
import { DEFAULT_MAX_IMAGE_BYTES, OTHER_FIELDS_BYTES } from "./body-limits.ts";
import { type ByteSemaphore, createByteSemaphore } from "./byte-semaphore.ts";
import { readBody, type ReadOptions } from "./read-body.ts";
import { bodyTooLarge, parseJsonObject } from "./split-json.ts";

/** As of `readBody`, whose bounds follow from these. */
export interface ReadJsonOptions extends Omit<ReadOptions, "maxBytes" | "memoryRatio"> {
  /** Of what is not the picture. Default 64 KiB. */
  maxOtherBytes?: number;
}

/**
 * Reads and parses a body of JSON with at most one picture in it, as base64.
 *
 * @throws {ApiError} as `readBody` and `splitJson`
 */
export async function readJsonObject(
  request: Request,
  { maxOtherBytes = OTHER_FIELDS_BYTES, ...options }: ReadJsonOptions,
): Promise<Record<string, unknown>> {
  const { maxImageBytes } = options;
  const maxBytes = toBase64Length(maxImageBytes) + maxOtherBytes;
  const body = await readBody(request, { ...options, maxBytes });
  return parseJsonObject(body, { maxImageBytes, maxOtherBytes });
}

/** Where the memory of a small body is taken. */
export interface ReadSmallOptions {
  /** Default: memory of its own, for callers of whom few come at a time. */
  byteSemaphore?: Pick<ByteSemaphore, "hold">;
  /** Whose share of it the body takes. */
  owner?: string | undefined;
}

/**
 * Reads and parses a body of JSON without a picture. An empty one is an empty object.
 *
 * @throws {ApiError} BODY_TOO_LARGE over 64 KiB; else as `readJsonObject`
 */
export async function readSmallObject(
  request: Request,
  options: ReadSmallOptions = {},
): Promise<Record<string, unknown>> {
  const maxImageBytes = DEFAULT_MAX_IMAGE_BYTES;
  const { byteSemaphore = createByteSemaphore({ maxBytes: OTHER_FIELDS_BYTES }), owner } = options;
  return await byteSemaphore.hold(async (allocation) => {
    try {
      const body = await readBody(request, {
        maxBytes: OTHER_FIELDS_BYTES,
        maxImageBytes,
        allocation,
      });
      return body.byteLength === 0 ? {} : parseJsonObject(body, { maxImageBytes });
    } catch (error) {
      const isTooLarge = error instanceof ApiError && error.code === "IMAGE_TOO_LARGE";
      throw isTooLarge ? bodyTooLarge(maxImageBytes) : error;
    }
  }, owner);
}
