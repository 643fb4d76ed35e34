/**
 * What `Authorization` says behind the scheme `Bearer`, whatever it is, so that a malformed token is
 * refused and not taken for none; null without the scheme.
 */
export function readBearer(headers: Headers): string | null {
  return /^bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}
