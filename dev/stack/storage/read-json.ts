import { isObject } from "../../../supabase/functions/_shared/platform/parse-json.ts";
import { storageErrors } from "./storage-error.ts";

/**
 * Reads a JSON object.
 *
 * @throws {StorageError} for anything else
 */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  const body: unknown = await request.json().catch(() => undefined);
  if (!isObject(body)) throw storageErrors.invalidRequest("body must be object");
  return body;
}
