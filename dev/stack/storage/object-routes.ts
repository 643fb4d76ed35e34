/** Storage's calls about objects. */
import type postgres from "postgres";
import { requireKey } from "./object-keys.ts";
import { removeFile, serveFile, writeFile } from "./object-files.ts";
import {
  asCaller,
  findBucket,
  findObject,
  findObjects,
  type ObjectRow,
  requireUploadPermission,
  writeObject,
} from "./object-rows.ts";
import { readJson } from "./read-json.ts";
import type { UrlSigner } from "./signed-urls.ts";
import { type StorageCaller, storageItself } from "./storage-caller.ts";
import { storageErrors } from "./storage-error.ts";
import { readUpload } from "./upload-body.ts";

/** A call that has been taken apart. */
export interface ObjectCall {
  request: Request;
  sql: postgres.Sql;
  folder: string;
  signer: UrlSigner;
  caller: StorageCaller;
  bucketId: string;
  /** The object's key, decoded; empty where the path ends with the bucket. */
  name: string;
  /** The path says that only what is public is meant. */
  isPublicRoute: boolean;
}

/** `POST` and `PUT /object/{bucket}/{key}`: a new version of the object. */
export async function uploadObject(call: ObjectCall): Promise<Response> {
  const { request, sql, folder, caller, bucketId, name } = call;
  const isUpdate = request.method === "PUT";
  const isUpsert = isUpdate || request.headers.get("x-upsert") === "true";
  const bucket = await findBucket(sql, storageItself, bucketId);
  requireKey(name);
  const { bytes, metadata, userMetadata } = await readUpload(request, bucket);
  const version = crypto.randomUUID();
  const object = { bucketId, name, version, ownerId: caller.ownerId, metadata, userMetadata };
  if (isUpdate) await findObject(sql, caller, bucketId, name);
  const { mimetype, contentLength } = metadata;
  const declared = { ...object, metadata: { mimetype, contentLength } };
  await requireUploadPermission(sql, caller, declared, { isUpsert });
  await writeFile(folder, version, bytes);
  const [previous] = await findObjects(sql, storageItself, bucketId, [name]);
  const row = await asCaller(
    sql,
    storageItself,
    (transaction) => writeObject(transaction, object, { isUpsert: true }),
  );
  if (previous) await removeFile(folder, previous.version);
  return Response.json({ Id: row!.id, Key: `${bucketId}/${name}` });
}

/** `POST /object/sign/{bucket}/{key}`: a URL that needs no header, if the caller may select the row. */
export async function signUrl(call: ObjectCall): Promise<Response> {
  const { request, sql, signer, caller, bucketId, name } = call;
  const { expiresIn } = await readExpiry(request);
  requireKey(name);
  await findObject(sql, caller, bucketId, name);
  return Response.json({ signedURL: await signer.sign(bucketId, name, expiresIn) });
}

/** `POST /object/sign/{bucket}`: the same for many keys, each with a result or an error. */
export async function signUrls(call: ObjectCall): Promise<Response> {
  const { request, sql, signer, caller, bucketId } = call;
  const { expiresIn, paths } = await readExpiry(request);
  if (!Array.isArray(paths) || paths.length === 0) {
    throw storageErrors.invalidRequest("body must have required property 'paths'");
  }
  const names = paths.map(String);
  const seen = new Set(
    (await findObjects(sql, caller, bucketId, names)).map((object) => object.name),
  );
  const missing = "Either the object does not exist or you do not have access to it";
  return Response.json(
    await Promise.all(
      names.map(async (path) =>
        seen.has(path)
          ? { error: null, path, signedURL: await signer.sign(bucketId, path, expiresIn) }
          : { error: missing, path, signedURL: null }
      ),
    ),
  );
}

/** `GET /object/sign/{bucket}/{key}?token=`: the content that is there now. */
export async function serveSignedObject(call: ObjectCall): Promise<Response> {
  const { request, sql, folder, signer, bucketId, name } = call;
  const token = new URL(request.url).searchParams.get("token");
  if (!token) {
    throw storageErrors.invalidRequest("querystring must have required property 'token'");
  }
  const expiresAtSeconds = await signer.verify(token, bucketId, name);
  const object = await findObject(sql, storageItself, bucketId, name);
  return serveFile(folder, object, request, new Date(expiresAtSeconds * 1000));
}

/** `GET /object/info/…`: what the row says. */
export async function readInfo(call: ObjectCall): Promise<Response> {
  const object = await findReadable(call);
  const { metadata } = object;
  return Response.json({
    id: object.id,
    name: object.name,
    version: object.version,
    bucket_id: object.bucket_id,
    size: metadata.size,
    content_type: metadata.mimetype,
    cache_control: metadata.cacheControl,
    etag: metadata.eTag,
    metadata: object.user_metadata,
    last_modified: object.updated_at,
    created_at: object.created_at,
  }, { headers: { etag: metadata.eTag, "cache-control": metadata.cacheControl } });
}

/** `GET /object/…`: the content, never a redirect. */
export async function downloadObject(call: ObjectCall): Promise<Response> {
  return serveFile(call.folder, await findReadable(call), call.request);
}

/** `DELETE /object/{bucket}` with `prefixes`: those that the caller may delete, as rows. */
export async function removeObjects(call: ObjectCall): Promise<Response> {
  const { prefixes } = await readJson(call.request);
  if (!Array.isArray(prefixes) || prefixes.length === 0) {
    throw storageErrors.invalidRequest("body must have required property 'prefixes'");
  }
  return Response.json(await deleteRows(call, prefixes.map(String)));
}

/** `DELETE /object/{bucket}/{key}`. */
export async function removeObject(call: ObjectCall): Promise<Response> {
  await findObject(call.sql, storageItself, call.bucketId, call.name);
  const rows = await deleteRows(call, [call.name]);
  if (rows.length === 0) throw storageErrors.accessDenied("Access denied");
  return Response.json({ message: "Successfully deleted" });
}

async function deleteRows(call: ObjectCall, names: string[]): Promise<ObjectRow[]> {
  const { sql, folder, caller, bucketId } = call;
  const rows = await asCaller(sql, caller, (transaction) =>
    transaction<ObjectRow[]>`
      delete from storage.objects where bucket_id = ${bucketId} and name = any(${names})
      returning id, bucket_id, name, owner, owner_id, version, metadata, user_metadata, created_at,
        updated_at, last_accessed_at`);
  await Promise.all(rows.map(({ version }) => removeFile(folder, version)));
  return rows;
}

/** The object of a public bucket for all callers, of another one as the caller sees it. */
async function findReadable(call: ObjectCall): Promise<ObjectRow> {
  const { sql, caller, bucketId, name, isPublicRoute } = call;
  const bucket = await findBucket(sql, storageItself, bucketId);
  const isBarred = !bucket.public && (isPublicRoute || caller.problem !== undefined);
  if (isBarred) throw storageErrors.noSuchBucket();
  requireKey(name);
  return await findObject(sql, bucket.public ? storageItself : caller, bucketId, name);
}

async function readExpiry(request: Request) {
  const body = await readJson(request);
  const { expiresIn } = body;
  if (typeof expiresIn !== "number" || !Number.isInteger(expiresIn)) {
    throw storageErrors.invalidRequest("body/expiresIn must be integer");
  }
  if (expiresIn < 1) throw storageErrors.invalidRequest("body/expiresIn must be >= 1");
  return { expiresIn, paths: body.paths };
}
