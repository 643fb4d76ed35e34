/**
 * Storage's errors. The HTTP status is 400 for nearly all; the real one is the string `statusCode` in
 * the body.
 */

/** An error of Storage, as its API tells it. */
export class StorageError extends Error {
  override name = "StorageError";

  /** `error` is the older word for `code`, where the two differ. */
  constructor(
    readonly statusCode: number,
    readonly code: string,
    message: string,
    readonly error: string = code,
  ) {
    super(message);
  }

  toResponse(): Response {
    const { statusCode, error, message, code } = this;
    const status = statusCode === 416 || statusCode === 500 ? statusCode : 400;
    return Response.json({ statusCode: String(statusCode), error, message, code }, { status });
  }
}

/** The errors of the served calls, by what went wrong. */
export const storageErrors = {
  noSuchBucket: () => new StorageError(404, "NoSuchBucket", "Bucket not found", "Bucket not found"),
  noSuchKey: () => new StorageError(404, "NoSuchKey", "Object not found", "not_found"),
  invalidKey: (key: string) => new StorageError(400, "InvalidKey", `Invalid key: ${key}`),
  invalidBucketName: () =>
    new StorageError(400, "InvalidBucketName", "Bucket name invalid", "Invalid Input"),
  invalidRequest: (message: string) => new StorageError(400, "InvalidRequest", message, "Error"),
  invalidToken: (message: string) => new StorageError(400, "InvalidJWT", message),
  invalidSignature: () => new StorageError(400, "InvalidSignature", "Invalid signature"),
  accessDenied: (message: string) => new StorageError(403, "AccessDenied", message, "Unauthorized"),
  alreadyExists: (code: "KeyAlreadyExists" | "ResourceAlreadyExists" = "ResourceAlreadyExists") =>
    new StorageError(409, code, "The resource already exists", "Duplicate"),
  tooLarge: () =>
    new StorageError(
      413,
      "EntityTooLarge",
      "The object exceeded the maximum allowed size",
      "Payload too large",
    ),
  invalidMimeType: (type: string) =>
    new StorageError(
      415,
      "InvalidMimeType",
      `mime type ${type} is not supported`,
      "invalid_mime_type",
    ),
  noContent: () => new StorageError(400, "InvalidRequest", "No content provided"),
  invalidRange: () =>
    new StorageError(416, "InvalidRange", "invalid range provided", "invalid_range"),
  internal: () => new StorageError(500, "InternalError", "Internal server error"),
};

/** The answer to a path that Storage doesn't have, or that the stand-in doesn't serve. */
export function routeNotFound(method: string, path: string): Response {
  const message = `Route ${method}:${path} not found`;
  const body = { statusCode: "404", error: "Not Found", message, code: "InvalidRequest" };
  return Response.json(body, { status: 404 });
}

/** What Postgres's refusal of a caller's statement is to that caller; else the error as it came. */
export function toStorageError(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === "42501") {
    return storageErrors.accessDenied(
      String(message).includes("row-level security")
        ? "new row violates row-level security policy"
        : String(message),
    );
  }
  if (code === "23505") return storageErrors.alreadyExists();
  return error;
}
