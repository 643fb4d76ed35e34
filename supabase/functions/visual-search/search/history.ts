import type { ServiceDatabase } from "../../_shared/platform/database/service-database.ts";
import type { Json } from "../../_shared/platform/database/database.types.ts";
import type { Log } from "../../_shared/platform/log.ts";
import type { SearchRequest } from "../request/request.ts";

export interface SearchOutcome {
  /** Of the verified token. */
  userId: string;
  totalResults: number;
  searchTimeMs: number;
  requestId: string;
}

/** Notes what a user has searched for, without the picture. Never rejects: the answer is out. */
export type WriteHistory = (request: SearchRequest, outcome: SearchOutcome) => Promise<void>;

export function createWriteHistory(database: ServiceDatabase, log: Log): WriteHistory {
  return async (request, { userId, totalResults, searchTimeMs, requestId }) => {
    const { error } = await database.from("visual_search_history").insert({
      user_id: userId,
      search_type: request.type,
      query_text: request.text,
      has_image: request.image !== null,
      filters: request.filtersBody as NonNullable<Json>,
      total_results: totalResults,
      search_time_ms: Math.round(searchTimeMs),
      request_id: requestId,
    });
    if (error) log.error("visual-search history", { request_id: requestId, code: error.code });
  };
}
