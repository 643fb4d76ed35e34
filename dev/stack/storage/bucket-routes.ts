/** Storage's calls about buckets. */
import type { ObjectCall } from "./object-routes.ts";
import { requireBucketName } from "./object-keys.ts";
import { asCaller, findBucket } from "./object-rows.ts";
import { readJson } from "./read-json.ts";
import { storageErrors } from "./storage-error.ts";

/** `POST /bucket`: creates one, where the caller may insert into `storage.buckets`. */
export async function createBucket({ request, sql, caller }: ObjectCall): Promise<Response> {
  const body = await readJson(request);
  const { name } = body;
  if (typeof name !== "string") {
    throw storageErrors.invalidRequest("body must have required property 'name'");
  }
  requireBucketName(name);
  const id = typeof body.id === "string" ? body.id : name;
  const types = Array.isArray(body.allowed_mime_types) ? body.allowed_mime_types.map(String) : null;
  const limit = body.file_size_limit ? Number(body.file_size_limit) : null;
  await asCaller(sql, caller, (transaction) =>
    transaction`
      insert into storage.buckets (id, name, public, owner_id, file_size_limit, allowed_mime_types)
      values (${id}, ${name}, ${body.public === true}, ${caller.ownerId ?? null}, ${limit},
        ${types})`);
  return Response.json({ name });
}

/** `GET /bucket/{id}`: the row, as the caller sees it. */
export async function readBucket({ sql, caller, bucketId }: ObjectCall): Promise<Response> {
  return Response.json({ ...await findBucket(sql, caller, bucketId), type: "STANDARD" });
}
