import { ApiError } from "../http/api-error.ts";
import { DEFAULT_MAX_IMAGE_BYTES, OTHER_FIELDS_BYTES, toMaxJsonBytes } from "./body-limits.ts";
import { createByteSemaphore } from "./byte-semaphore.ts";
import { readBody, type ReadOptions } from "./read-body.ts";
import { bodyTooLarge, parseJsonObject } from "./split-json.ts";

/**
 * Reads and parses a body of JSON with at most one picture in it, as base64.
 *
 * @throws {ApiError} as `readBody` and `splitJson`
 */
export async function readJsonObject(
  request: Request,
  options: Omit<ReadOptions, "maxBytes" | "memoryRatio">,
): Promise<Record<string, unknown>> {
  const { maxImageBytes } = options;
  const body = await readBody(request, { ...options, maxBytes: toMaxJsonBytes(maxImageBytes) });
  return parseJsonObject(body, maxImageBytes);
}

/**
 * Reads and parses a body of JSON without a picture. An empty one is an empty object.
 *
 * @throws {ApiError} BODY_TOO_LARGE over 64 KiB; else as `readJsonObject`
 */
export async function readSmallObject(request: Request): Promise<Record<string, unknown>> {
  const maxImageBytes = DEFAULT_MAX_IMAGE_BYTES;
  // At 64 KiB it needs no part of the worker's own semaphore.
  return await createByteSemaphore({ maxBytes: OTHER_FIELDS_BYTES }).hold(async (allocation) => {
    try {
      const options = { maxBytes: OTHER_FIELDS_BYTES, maxImageBytes, allocation };
      const body = await readBody(request, options);
      return body.byteLength === 0 ? {} : parseJsonObject(body, maxImageBytes);
    } catch (error) {
      const isTooLarge = error instanceof ApiError && error.code === "IMAGE_TOO_LARGE";
      throw isTooLarge ? bodyTooLarge(maxImageBytes) : error;
    }
  });
}
