/** Which parts of a request its type of search goes by. */

import type { SearchRequest } from "../request/request.ts";

/** Whether each part of a query is used. */
export interface UsedParts {
  text: boolean;
  image: boolean;
  embedding: boolean;
  palette: boolean;
}

/** The parts that a search of this type goes by, whether or not they were given. */
export function toUsedParts({ type, embedding }: SearchRequest): UsedParts {
  const isOfWords = type === "semantic_analysis" || type === "hybrid";
  return {
    text: isOfWords,
    // An embedding is of a picture already: it needs no analysis beside it.
    image: type !== "visual_similarity" || embedding === null,
    embedding: type === "visual_similarity" || type === "hybrid",
    // An embedding says more of what a picture looks like.
    palette: (type === "visual_similarity" || type === "hybrid") && embedding === null,
  };
}

/** The fields that were given and mean nothing to this type of search. */
export function toIgnored(request: SearchRequest): string[] {
  const used = toUsedParts(request);
  return (["text", "image", "embedding", "palette"] as const)
    .filter((kind) => request[kind] !== null && !used[kind])
    .map((kind) => `query_${kind}`);
}
