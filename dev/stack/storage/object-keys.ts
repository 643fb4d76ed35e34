/** Which names Storage allows. */
import { storageErrors } from "./storage-error.ts";

const allowedKey = /^[A-Za-z0-9_/!.*'() &$=@;:+,?-]+$/;
const allowedBucketName = /^[A-Za-z0-9_!.*'() &$=@;:+,?-]{1,100}$/;

/**
 * Checks an object's key. Dots, `..` and empty segments are allowed: the server normalises nothing.
 *
 * @throws {StorageError} for any other character than those of S3's safe set
 */
export function requireKey(key: string): void {
  if (!allowedKey.test(key)) throw storageErrors.invalidKey(key);
}

/**
 * Checks a new bucket's name.
 *
 * @throws {StorageError} for other characters, blanks around it, or more than 100 of them
 */
export function requireBucketName(name: string): void {
  if (!allowedBucketName.test(name) || name.trim() !== name) {
    throw storageErrors.invalidBucketName();
  }
}
