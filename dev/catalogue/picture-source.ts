/** Where a material's picture is, as the catalogue names it: a URL, or `storage://<bucket>/<path>`. */
import { toKeyHeaders } from "../../supabase/functions/_shared/platform/auth/key-headers.ts";
import { PUBLIC_SCHEMA_HEADERS } from "../../supabase/functions/_shared/platform/database/postgrest.ts";
import {
  encodePlace,
  type ObjectPlace,
  parseObjectPlace,
} from "../../supabase/functions/_shared/platform/storage/object-place.ts";
import { isPublicUrl } from "../../supabase/functions/semantic-analysis/request/picture-url.ts";
import type { ProjectAddress } from "./project-address.ts";

/** How a picture is fetched. */
export interface PictureRequest {
  /** Text as the catalogue has it; a URL of the project's own Storage. */
  url: string | URL;
  headers: Record<string, string>;
}

/**
 * How a picture is fetched: by its URL as it is, or from Storage with the secret.
 *
 * @throws {Error} for a place that no object can have: `fetch` would resolve dots to another route of the
 *   project, with its secret
 */
export function toRequest(source: string, { url, secretKey }: ProjectAddress): PictureRequest {
  const place = toPlace(source);
  return place === null ? { url: source, headers: {} } : {
    url: new URL(`/storage/v1/object/authenticated/${encodePlace(place)}`, url),
    headers: toKeyHeaders(secretKey),
  };
}

/** Redirects that are followed, of a user's picture. */
const MAX_REDIRECTS = 5;

/**
 * Fetches a user's picture: from Storage, or from a public URL. What a public URL is redirected to may lie in
 * the network that this runs in, so each address is looked at before it is asked. All of them get the headers,
 * which hold the secret for Storage alone.
 *
 * @throws {Error} for an address that is not public, or for too many redirects
 */
export async function fetchUsersPicture(
  { url, headers }: PictureRequest,
  signal: AbortSignal,
  fetch: typeof globalThis.fetch,
): Promise<Response> {
  if (typeof url !== "string") return await fetch(url, { headers, signal });
  let address = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    if (!isPublicUrl(address)) throw new Error("leads to an address that is not public");
    const response = await fetch(address, { headers, redirect: "manual", signal });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    address = new URL(location, address).href;
  }
  throw new Error(`is redirected more than ${MAX_REDIRECTS} times`);
}

/**
 * Whether a user's own material may show a picture: a public URL, or an object in Storage that is the
 * user's. The secret reads every object, and the user chose this one.
 *
 * @throws {Error} as `toRequest`, or where the project could not tell
 */
export async function isOwnersPicture(
  source: string,
  ownerId: string,
  { url, secretKey }: ProjectAddress,
  fetch: typeof globalThis.fetch,
): Promise<boolean> {
  const place = toPlace(source);
  if (place === null) return isPublicUrl(source);
  const response = await fetch(new URL("/rest/v1/rpc/semantic_analysis_read_object", url), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...toKeyHeaders(secretKey),
      ...PUBLIC_SCHEMA_HEADERS,
    },
    body: JSON.stringify({ p_bucket: place.bucket, p_path: place.path, p_owner_id: ownerId }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the project answered ${response.status}: ${text}`);
  return JSON.parse(text) !== null;
}

function toPlace(source: string): ObjectPlace | null {
  const [, bucket, path] = /^storage:\/\/([^/]*)\/(.*)$/s.exec(source) ?? [];
  if (bucket === undefined) return null;
  const { place, problems } = parseObjectPlace({ bucket, path });
  if (place === null) {
    const told = Object.entries(problems).map(([field, problem]) => `its ${field} ${problem}`);
    throw new Error(told.join("; "));
  }
  return place;
}
