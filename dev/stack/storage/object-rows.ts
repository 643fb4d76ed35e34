/** Rows of `storage.objects` and `storage.buckets`, read and written in a caller's role. */
import type postgres from "postgres";
import type { StorageCaller } from "./storage-caller.ts";
import { storageErrors, toStorageError } from "./storage-error.ts";

/** A row of `storage.buckets`. */
export interface BucketRow {
  id: string;
  name: string;
  owner: string | null;
  public: boolean;
  /** Bytes. */
  file_size_limit: number | null;
  allowed_mime_types: string[] | null;
  created_at: Date;
  updated_at: Date;
}

/** What Storage notes of an object's content. */
export interface ObjectMetadata {
  /** The content's md5 in hex, in quotes. */
  eTag: string;
  /** Bytes. */
  size: number;
  /** What the uploader declared. */
  mimetype: string;
  cacheControl: string;
  lastModified: string;
  contentLength: number;
  httpStatusCode: number;
}

/** A row of `storage.objects`. */
export interface ObjectRow {
  id: string;
  bucket_id: string;
  name: string;
  version: string;
  owner: string | null;
  owner_id: string | null;
  metadata: ObjectMetadata;
  user_metadata: postgres.JSONValue;
  created_at: Date;
  updated_at: Date;
  last_accessed_at: Date;
}

/** An object as it is written. */
export interface NewObject {
  bucketId: string;
  name: string;
  version: string;
  ownerId: string | undefined;
  metadata: Partial<ObjectMetadata>;
  userMetadata: postgres.JSONValue;
}

const thePermissionIsThere = Symbol();
const isUuid = (text: string) => /^[0-9a-f-]{36}$/i.test(text);

/**
 * Runs statements in one transaction as Postgres would for that caller; row level security decides.
 *
 * @throws {StorageError} for what Postgres refuses
 */
export async function asCaller<Result>(
  sql: postgres.Sql,
  caller: StorageCaller,
  work: (transaction: postgres.TransactionSql) => Promise<Result>,
): Promise<Result> {
  try {
    return await sql.begin(async (transaction) => {
      await transaction`
        select set_config('role', ${caller.role}, true),
          set_config('request.jwt.claim.role', ${caller.role}, true),
          set_config('request.jwt.claim.sub', ${caller.ownerId ?? ""}, true),
          set_config('request.jwt.claims', ${JSON.stringify(caller.claims)}, true),
          set_config('storage.allow_delete_query', 'true', true)`;
      return await work(transaction);
    }) as Result;
  } catch (error) {
    throw toStorageError(error);
  }
}

/** Whether a caller may write an object: tried in a transaction that is rolled back. */
export async function requireUploadPermission(
  sql: postgres.Sql,
  caller: StorageCaller,
  object: NewObject,
  options: { isUpsert: boolean },
): Promise<void> {
  try {
    await asCaller(sql, caller, async (transaction) => {
      await writeObject(transaction, { ...object, version: "1" }, options);
      throw thePermissionIsThere;
    });
  } catch (error) {
    if (error !== thePermissionIsThere) throw error;
  }
}

/**
 * Inserts an object, or replaces it where it may. Only the latter reads the row, so that inserting
 * wants no policy for select.
 */
export async function writeObject(
  sql: postgres.TransactionSql,
  object: NewObject,
  options: { isUpsert: boolean },
): Promise<ObjectRow | undefined> {
  const { bucketId, name, version, ownerId = null, metadata, userMetadata } = object;
  const owner = ownerId && isUuid(ownerId) ? ownerId : null;
  const onConflict = options.isUpsert
    ? sql`on conflict (bucket_id, name) do update set metadata = excluded.metadata,
        user_metadata = excluded.user_metadata, version = excluded.version,
        owner = coalesce(excluded.owner, objects.owner),
        owner_id = coalesce(excluded.owner_id, objects.owner_id) returning *`
    : sql``;
  const [row] = await sql<ObjectRow[]>`
    insert into storage.objects
      (bucket_id, name, version, owner, owner_id, metadata, user_metadata)
    values (${bucketId}, ${name}, ${version}, ${owner}, ${ownerId}, ${
    sql.json(metadata as postgres.JSONValue)
  }, ${sql.json(userMetadata)})
    ${onConflict}`;
  return row;
}

/**
 * The object as the caller sees it.
 *
 * @throws {StorageError} when there is none, or none for this caller
 */
export async function findObject(
  sql: postgres.Sql,
  caller: StorageCaller,
  bucketId: string,
  name: string,
): Promise<ObjectRow> {
  const [row] = await findObjects(sql, caller, bucketId, [name]);
  if (!row) throw storageErrors.noSuchKey();
  return row;
}

/** Those of the objects that the caller sees. */
export function findObjects(
  sql: postgres.Sql,
  caller: StorageCaller,
  bucketId: string,
  names: readonly string[],
): Promise<ObjectRow[]> {
  return asCaller(sql, caller, (transaction) =>
    transaction<ObjectRow[]>`
      select * from storage.objects where bucket_id = ${bucketId} and name = any(${[...names]})`);
}

/**
 * The bucket, as the caller sees it.
 *
 * @throws {StorageError} when there is none
 */
export async function findBucket(
  sql: postgres.Sql,
  caller: StorageCaller,
  id: string,
): Promise<BucketRow> {
  const [row] = await asCaller(sql, caller, (transaction) =>
    transaction<BucketRow[]>`
      select id, name, coalesce(owner_id, owner::text, '') as owner, public,
        file_size_limit::float8 as file_size_limit, allowed_mime_types, created_at, updated_at
      from storage.buckets where id = ${id}`);
  if (!row) throw storageErrors.noSuchBucket();
  return row;
}
