import { OTHER_FIELDS_BYTES, toBytesOwner } from "../_shared/platform/body/body-limits.ts";
import { ApiError } from "../_shared/platform/http/api-error.ts";
import type { Allocation } from "../_shared/platform/body/byte-semaphore.ts";
import { readJsonObject } from "../_shared/platform/body/read-json.ts";
import { parseDeadlineMs } from "../_shared/platform/http/deadline.ts";
import { CURL_TYPE, isJsonType, readMediaTypes } from "../_shared/platform/body/media-type.ts";
import { type RequestContext, setHeaders } from "../_shared/platform/http/endpoint.ts";
import { identify } from "../_shared/platform/auth/identify.ts";
import { type CallerRights, toCallerRights } from "./search/caller-rights.ts";
import type { Ready } from "./dependencies.ts";
import { describePicture } from "./search/picture.ts";
import { MAX_DIMENSIONS } from "../_shared/client/search/search-contract.ts";
import { parseSearchRequest } from "./request/parse-request.ts";
import type { SearchRequest } from "./request/request.ts";
import { search } from "./search/search.ts";

/** A hosted request is sure of 75 s; semantic-analysis takes 65 at most. */
const TOTAL_TIMEOUT_MS = 72_000;

/** The database's share of that, and all it gets. */
const DATABASE_TIMEOUT_MS = 5_000;

/** The longest embedding, with every number as long as JSON writes any, and the other fields. */
const MAX_OTHER_BYTES = OTHER_FIELDS_BYTES + 32 * MAX_DIMENSIONS;

/** `POST …`: who is it, what is wanted, search, answer; then the history. */
export async function serveSearch(
  request: Request,
  context: RequestContext,
  ready: Ready,
): Promise<Response> {
  const { settings: { maxImageBytes }, authenticate, badRequests, byteSemaphore, secrets } = ready;
  const caller = await identify(request, context, authenticate);
  const rights = toCallerRights(caller, request.headers, secrets);
  const serve = async (allocation: Allocation) => {
    const searchRequest = await context.timings.measure(
      "body",
      async () =>
        parseSearchRequest(
          await readJsonObject(request, {
            maxImageBytes,
            maxOtherBytes: MAX_OTHER_BYTES,
            allocation,
          }),
        ),
    );
    return await answer(searchRequest, request, context, rights, ready);
  };
  return await badRequests.guard(caller, request, async () => {
    requireJson(request);
    // The picture stays in memory until it has been described.
    return await byteSemaphore.hold(serve, toBytesOwner(caller));
  });
}

async function answer(
  searchRequest: SearchRequest,
  request: Request,
  context: RequestContext,
  rights: CallerRights,
  { client, analyse, searchCatalogue, writeHistory, runInBackground }: Ready,
): Promise<Response> {
  const toRemainingMs = createRemaining(request, context);
  const { body, isHistoryKept } = await search(searchRequest, context, {
    rights,
    searchCatalogue,
    toTimeoutMs: () => Math.max(1, Math.min(DATABASE_TIMEOUT_MS, toRemainingMs())),
    describe: (image) =>
      describePicture(image, {
        client,
        rights,
        analyse,
        call: {
          requestId: context.requestId,
          // The search in the database keeps a second.
          timeoutMs: Math.max(1, toRemainingMs() - 1_000),
          signal: request.signal,
          traceHeaders: request.headers,
        },
        onHeaders: (headers) => setHeaders(context, headers),
      }),
  });
  if (rights.kind === "user" && isHistoryKept) {
    const { userId } = rights;
    runInBackground(() =>
      writeHistory(searchRequest, {
        userId,
        totalResults: body.search_metadata.total_results,
        searchTimeMs: body.search_metadata.search_time_ms,
        requestId: context.requestId,
      })
    );
  }
  return Response.json(body);
}

/** Our own time or, when it is shorter, the caller's. */
function createRemaining(request: Request, { timings }: RequestContext): () => number {
  const deadlineMs = Math.min(TOTAL_TIMEOUT_MS, parseDeadlineMs(request));
  return () => deadlineMs - timings.totalMs();
}

/** What a body of JSON is called by clients that know no better. */
const OTHER_TYPES = ["text/plain", "application/octet-stream", CURL_TYPE, ""];

function requireJson(request: Request): void {
  const types = readMediaTypes(request);
  if (types.every((type) => isJsonType(type) || OTHER_TYPES.includes(type))) return;
  throw new ApiError(
    "UNSUPPORTED_MEDIA_TYPE",
    `The body is "${types.join(", ").slice(0, 64)}"; it must be "application/json"`,
  );
}
