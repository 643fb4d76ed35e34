import { ApiError } from "../../_shared/platform/http/api-error.ts";

const MAX_URL_LENGTH = 2_048;

/** What browsers, phones and desktop apps call a file of their own. */
const ON_DEVICE = ["file:", "blob:", "content:", "ph:", "assets-library:", "asset:", "capacitor:"];

/** Names that mean something only inside a network. RFC 6761, RFC 6762, RFC 8375, ICANN 2024. */
const LOCAL_SUFFIXES = [".localhost", ".local", ".internal", ".home.arpa", ".test", ".invalid"];

/**
 * Checks the address of a picture. We never fetch it: it is passed on for the provider to fetch, and
 * nothing is passed on that could point into a private network.
 *
 * @returns the address in its normal form.
 * @throws {ApiError} INVALID_REQUEST
 */
export function parsePictureUrl(text: string): string {
  if (text.length > MAX_URL_LENGTH) {
    throw refused(`must be a URL of at most ${MAX_URL_LENGTH} characters`);
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw refused("must be base64, a data: URI or an https URL");
  if (ON_DEVICE.includes(url.protocol)) {
    throw refused(
      `must not be a ${url.protocol} address, which leads to a place on the caller's device: read the ` +
        "file there and send its bytes, as base64 or as the whole body; a URL must use https",
    );
  }
  if (url.protocol !== "https:") throw refused("must use https when it is a URL");
  if (url.username !== "" || url.password !== "") throw refused("must not hold credentials");
  // The default port is already dropped from the normal form.
  if (url.port !== "") throw refused("must use the default port 443");
  if (!isPublicHostName(url.hostname)) {
    throw refused("must name a public host, not an address or a local name");
  }
  url.hash = "";
  return url.href;
}

/** Whether a provider outside can reach this address, as far as its name tells. */
export function isPublicUrl(text: string): boolean {
  try {
    parsePictureUrl(text);
    return true;
  } catch {
    return false;
  }
}

/** The URL parser has turned every spelling of an IPv4 address (octal, hex, one number) into four parts. */
function isPublicHostName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, "");
  const isAddress = name.startsWith("[") || /^\d+(\.\d+){3}$/.test(name);
  const labels = name.split(".");
  // An empty label lets an address or a local name pass for another, as in "127.0.0.1..".
  return !isAddress && labels.length > 1 && !labels.includes("") &&
    !LOCAL_SUFFIXES.some((suffix) => `.${name}`.endsWith(suffix));
}

function refused(problem: string): ApiError {
  return new ApiError("INVALID_REQUEST", `The request is not valid: image_data ${problem}`, {
    details: { image_data: problem },
  });
}
