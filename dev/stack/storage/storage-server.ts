/**
 * A stand-in of the calls of Supabase Storage that the functions and the demo make: buckets (create,
 * read), upload (new, upsert, update), info, download with ranges, public objects, signed URLs (one,
 * many), remove. Requests, responses, errors and what is written to `storage.objects`, the rolled-back
 * permission test included, are the real server's of August 2026; row level security is evaluated by
 * Postgres. Everything else (list, move, copy, signed uploads, resumable uploads, S3, transformations)
 * is answered like an unknown route; `transform` is ignored, as where that feature is off.
 */
import type { JSONWebKeySet } from "jose";
import { connect } from "../postgres/connect.ts";
import { createBucket, readBucket } from "./bucket-routes.ts";
import {
  downloadObject,
  type ObjectCall,
  readInfo,
  removeObject,
  removeObjects,
  serveSignedObject,
  signUrl,
  signUrls,
  uploadObject,
} from "./object-routes.ts";
import { createUrlSigner } from "./signed-urls.ts";
import { createCallerReader } from "./storage-caller.ts";
import { routeNotFound, StorageError, storageErrors } from "./storage-error.ts";

/** What the server works with. */
export interface StorageServerOptions {
  /** Connection string of the role `supabase_storage_admin`. */
  databaseUrl: string;
  /** Where the objects' files go. */
  folder: string;
  /** The keys callers' tokens are verified with. */
  jwks: JSONWebKeySet;
  /** What signed URLs are signed with. */
  signingSecret: string;
  /** Told of failures that aren't the caller's. */
  onLine?: (line: string) => void;
}

/** Answers requests whose path is relative to `/storage/v1`. */
export interface StorageServer {
  /** The path is encoded and not normalised; `headers` replace the request's. */
  handle(request: Request, path: string, headers?: Headers): Promise<Response>;
  stop(): Promise<void>;
}

type Route = [
  method: string,
  prefix: string,
  handler: (call: ObjectCall) => Promise<Response>,
  /** `bucket`: the path has no key; `public`, `signed`: the token isn't looked at. */
  kind?: "bucket" | "public" | "signed" | "strict",
];

// The first that fits answers, so the longer ones come first.
const routes: Route[] = [
  ["POST", "/bucket", createBucket, "bucket"],
  ["GET", "/bucket/", readBucket, "bucket"],
  ["POST", "/object/sign/", (call) => call.name ? signUrl(call) : signUrls(call)],
  ["GET", "/object/sign/", serveSignedObject, "signed"],
  ["GET", "/object/info/public/", readInfo, "public"],
  ["GET", "/object/info/authenticated/", readInfo, "strict"],
  ["GET", "/object/info/", readInfo],
  ["GET", "/object/public/", downloadObject, "public"],
  ["GET", "/object/authenticated/", downloadObject, "strict"],
  ["GET", "/object/", downloadObject],
  ["POST", "/object/", uploadObject],
  ["PUT", "/object/", uploadObject],
  ["DELETE", "/object/", (call) => call.name ? removeObject(call) : removeObjects(call)],
];

const notServed = [
  "/object/list/",
  "/object/list-v2/",
  "/object/move",
  "/object/copy",
  "/object/upload/",
];

/** Makes the stand-in of one project. */
export function createStorageServer(options: StorageServerOptions): StorageServer {
  const { databaseUrl, folder } = options;
  const sql = connect(databaseUrl, { maxConnections: 8 });
  const signer = createUrlSigner(options.signingSecret);
  const readCaller = createCallerReader(options.jwks);

  return {
    async handle(request, path, headers = request.headers) {
      const route = notServed.some((prefix) => path.startsWith(prefix))
        ? undefined
        : routes.find(([method, prefix]) => method === request.method && path.startsWith(prefix));
      if (!route) return routeNotFound(request.method, path);
      const [, prefix, handler, kind] = route;
      try {
        const [bucketId = "", ...segments] = path.slice(prefix.length).split("/").map(decode);
        const name = segments.join("/");
        const caller = await readCaller(headers);
        if (caller.problem && kind !== "public" && kind !== "signed") {
          // Reading falls back to what is public; all else needs a token.
          const isLenient = request.method === "GET" && kind === undefined;
          if (!isLenient) throw storageErrors.accessDenied(caller.problem);
        }
        const isPublicRoute = kind === "public";
        return await handler({
          request,
          sql,
          folder,
          signer,
          caller,
          bucketId,
          name,
          isPublicRoute,
        });
      } catch (error) {
        if (error instanceof StorageError) return error.toResponse();
        options.onLine?.(String(error));
        return storageErrors.internal().toResponse();
      }
    },
    stop: () => sql.end({ timeout: 1 }),
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw storageErrors.invalidRequest(`'${segment}' is not a valid url component`);
  }
}
