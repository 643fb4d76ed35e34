/** Where an object of Supabase Storage is: what callers send as `{ bucket, path }`. */

import { isObject } from "../parse-json.ts";

export interface ObjectPlace {
  bucket: string;
  /** The object's key: segments with one slash between two. */
  path: string;
}

const MAX_BUCKET_LENGTH = 100;
const MAX_PATH_LENGTH = 900;

/** What Storage takes in names; anything else is an object that can't exist. */
const BUCKET = /^[A-Za-z0-9_!.*'() &$=@;:+,?-]+$/;
const SEGMENT = BUCKET;

/**
 * Checks a place before anything is asked. `fetch` resolves dots in a path, even encoded ones, to other
 * routes and buckets, with this project's headers: a place with such a segment is refused.
 *
 * @returns the place, or the problem of each field, by its path.
 */
export function parseObjectPlace(
  value: unknown,
): { place: ObjectPlace; problems: null } | { place: null; problems: Record<string, string> } {
  if (!isObject(value)) {
    return { place: null, problems: { "": "must be an object: { bucket, path }" } };
  }
  const { bucket, path } = value;
  const problems: [string, string | null][] = [
    ["bucket", findBucketProblem(bucket)],
    ["path", findPathProblem(path)],
  ];
  const found = problems.filter(([, problem]) => problem !== null) as [string, string][];
  return found.length > 0
    ? { place: null, problems: Object.fromEntries(found) }
    : { place: { bucket: bucket as string, path: path as string }, problems: null };
}

/** The place as a part of a URL's path. */
export function encodePlace({ bucket, path }: ObjectPlace): string {
  return [bucket, ...path.split("/")].map(encodeURIComponent).join("/");
}

function findBucketProblem(bucket: unknown): string | null {
  if (typeof bucket !== "string" || bucket === "" || bucket.length > MAX_BUCKET_LENGTH) {
    return `must be a string of 1 to ${MAX_BUCKET_LENGTH} characters`;
  }
  return BUCKET.test(bucket) && !isDots(bucket) ? null : "must be the name of a bucket";
}

function findPathProblem(path: unknown): string | null {
  if (typeof path !== "string" || path === "" || path.length > MAX_PATH_LENGTH) {
    return `must be a string of 1 to ${MAX_PATH_LENGTH} characters`;
  }
  const segments = path.split("/");
  if (segments.some((segment) => segment === "" || isDots(segment))) {
    return 'must be a path inside the bucket, without a slash at its ends, "//", "." or ".."';
  }
  return segments.every((segment) => SEGMENT.test(segment))
    ? null
    : "must have the characters that Storage allows: ASCII letters, digits and _!-.*'() &$=@;:+,?";
}

function isDots(segment: string): boolean {
  return segment === "." || segment === "..";
}
