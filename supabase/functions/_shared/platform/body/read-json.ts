import { toMaxJsonBytes } from "./body-limits.ts";
import { readBody, type ReadOptions } from "./read-body.ts";
import { parseJsonObject } from "./split-json.ts";

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
