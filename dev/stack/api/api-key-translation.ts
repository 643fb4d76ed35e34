/** What the platform's gateway makes of the `apikey` of a request. */
import type { AccessTokenSigner } from "./access-token.ts";
import type { ApiKeys } from "./api-keys.ts";

/** The request as it is sent to the server behind the gateway. */
export interface AuthorizedRequest {
  headers: Headers;
  /** The query string without `apikey`. */
  search: string;
}

/**
 * Checks the `apikey` (header or query parameter) and sees to the token in `Authorization`: a user's
 * stays; where there is none, or the key itself stands there, one of the key's role is put.
 *
 * @returns the 401 response to a missing or unknown key
 */
export async function authorizeApiRequest(
  request: Request,
  keys: ApiKeys,
  signer: Pick<AccessTokenSigner, "signRoleToken">,
): Promise<AuthorizedRequest | Response> {
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  const apiKey = headers.get("apikey") ?? url.searchParams.get("apikey");
  if (!apiKey) {
    return unauthorized(
      "No API key found in request",
      "No `apikey` request header or url param was found.",
    );
  }
  const role = findRole(apiKey, keys);
  if (!role) {
    return unauthorized("Invalid API key", "Double check the API key you are using.");
  }
  const authorization = headers.get("authorization");
  if (!authorization || authorization === `Bearer ${apiKey}`) {
    const isLegacy = apiKey === keys.anon || apiKey === keys.serviceRole;
    const token = isLegacy ? apiKey : await signer.signRoleToken(role);
    headers.set("authorization", `Bearer ${token}`);
  }
  // Sent as it came unless the key is in it: re-encoding would change other parameters.
  if (url.searchParams.has("apikey")) url.searchParams.delete("apikey");
  return { headers, search: url.search };
}

function findRole(apiKey: string, keys: ApiKeys): "anon" | "service_role" | undefined {
  if (apiKey === keys.anon || Object.values(keys.publishable).includes(apiKey)) return "anon";
  if (apiKey === keys.serviceRole || Object.values(keys.secret).includes(apiKey)) {
    return "service_role";
  }
  return undefined;
}

function unauthorized(message: string, hint: string): Response {
  return Response.json({ message, hint }, { status: 401 });
}
