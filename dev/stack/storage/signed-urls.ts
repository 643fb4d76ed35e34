/** The tokens of signed URLs: good for one key of one bucket, whatever is stored there then. */
import { jwtVerify, SignJWT } from "jose";
import { storageErrors } from "./storage-error.ts";

/** Signs and checks tokens with the project's secret. */
export interface UrlSigner {
  /** The path with its token, relative to `/storage/v1`, not encoded. */
  sign(bucketId: string, name: string, expiresInSeconds: number): Promise<string>;
  /**
   * The moment until which the token is good, in seconds.
   *
   * @throws {StorageError} when it has expired, or is another object's
   */
  verify(token: string, bucketId: string, name: string): Promise<number>;
}

/** Makes the signer; the secret's text is the key. */
export function createUrlSigner(secret: string): UrlSigner {
  const key = new TextEncoder().encode(secret);
  return {
    async sign(bucketId, name, expiresInSeconds) {
      const url = `${bucketId}/${name}`;
      const issuedAt = Math.floor(Date.now() / 1000);
      const token = await new SignJWT({ url, scope: "download" })
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + expiresInSeconds)
        .sign(key);
      return `/object/sign/${url}?token=${token}`;
    },
    async verify(token, bucketId, name) {
      const { payload } = await jwtVerify(token, key).catch((error) => {
        throw storageErrors.invalidToken(error.message);
      });
      if (payload.url !== `${bucketId}/${name}`) throw storageErrors.invalidSignature();
      return payload.exp ?? 0;
    },
  };
}
