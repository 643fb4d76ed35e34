import type { ServiceDatabase } from "../../_shared/platform/database/postgrest.ts";
import type { Json } from "../../_shared/platform/database/database.types.ts";
import type { Log } from "../../_shared/platform/log.ts";
import type { SearchRequest } from "../request/request.ts";

/** What is kept of a search beside the request. */
export interface HistoryEntry {
  /** Of the verified token. */
  userId: string;
  totalResults: number;
  searchTimeMs: number;
  requestId: string;
}

/** Notes what a user has searched for, without the picture. Never rejects: the answer is out. */
export type WriteHistory = (request: SearchRequest, entry: HistoryEntry) => Promise<void>;

/**
 * Writes by `material_search_write_history`; a failure is logged, and the search is answered all the same.
 */
export function createWriteHistory(database: ServiceDatabase, log: Log): WriteHistory {
  return async (request, { userId, totalResults, searchTimeMs, requestId }) => {
    const { error } = await database.rpc("material_search_write_history", {
      p_user_id: userId,
      p_request_id: requestId,
      p_search_type: request.type,
      p_has_image: request.image !== null,
      p_total_results: totalResults,
      p_search_time_ms: Math.round(searchTimeMs),
      ...(request.text !== null && { p_query_text: request.text }),
      p_filters: request.filtersBody as NonNullable<Json>,
    });
    if (error) log.error("visual-search history", { request_id: requestId, code: error.code });
  };
}
