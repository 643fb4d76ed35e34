import { storageErrors } from "./storage-error.ts";

/**
 * Reads a JSON object.
 *
 * @throws {StorageError} for anything else
 */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  const body: unknown = await request.json().catch(() => undefined);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw storageErrors.invalidRequest("body must be object");
  }
  return body as Record<string, unknown>;
}
