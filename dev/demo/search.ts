/** The demo's search: the catalogue of the seed by a picture, and the way through both logs. */
import { Buffer } from "node:buffer";
import type { SupabaseClient } from "@supabase/supabase-js";
import { pause } from "../../supabase/functions/_shared/platform/http/pause.ts";
import type {
  SearchRequestBody,
  SearchResponseBody,
} from "../../supabase/functions/_shared/client/search/search-contract.ts";
import type { Stack } from "../stack/stack.ts";
import type { DemoPicture } from "./pictures.ts";

/** A line of a function's log. */
export interface TracedLine {
  functionName: string;
  requestId: string;
  /** The id that its caller sent. */
  clientRequestId: string | undefined;
  status: number;
  durationMs: number;
}

/** What `functions.invoke` gave. */
export function invokeSearch(supabase: SupabaseClient, { bytes }: DemoPicture) {
  return supabase.functions.invoke<SearchResponseBody>("visual-search", {
    body: {
      search_type: "hybrid",
      query_image: Buffer.from(bytes).toString("base64"),
      limit: 5,
    } satisfies SearchRequestBody,
  });
}

/**
 * The log lines of a request that called one other function: its own first. A line may come through its
 * pipe a moment after the response.
 */
export async function traceRequest(stack: Stack, requestId: string): Promise<TracedLine[]> {
  let lines: TracedLine[] = [];
  for (let attempt = 0; attempt < 20 && lines.length < 2; attempt++) {
    if (attempt > 0) await pause(50);
    lines = stack.functionNames.flatMap((functionName) =>
      stack.logs(functionName).map(({ line }) => parseLine(functionName, line))
        .filter((line) => line !== null)
        .filter((line) => [line.requestId, line.clientRequestId].includes(requestId))
    );
  }
  return lines.sort((a, b) => b.durationMs - a.durationMs);
}

function parseLine(functionName: string, line: string): TracedLine | null {
  try {
    const { request_id, client_request_id, status, duration_ms } = JSON.parse(line);
    return {
      functionName,
      requestId: request_id,
      clientRequestId: client_request_id,
      status,
      durationMs: duration_ms.total,
    };
  } catch {
    return null;
  }
}
