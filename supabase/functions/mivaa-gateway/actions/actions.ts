/** What clients may ask for, and the only places where methods and paths come from. */

/** Answered by semantic-analysis, or by the MIVAA service at this place. */
export type Action =
  | { kind: "analysis" }
  | { kind: "service"; method: "GET" | "POST"; path: string };

const analysis: Action = { kind: "analysis" };
const post = (path: string): Action => ({ kind: "service", method: "POST", path });
const get = (path: string): Action => ({ kind: "service", method: "GET", path });

/** Where the MIVAA service says how it is. */
export const STATUS_PATH = "/api/status";

const ACTIONS = new Map<string, Action>([
  ["semantic_analysis", analysis],
  ["llama_vision_analysis", analysis],
  ["generate_embedding", post("/api/embeddings/generate")],
  ["generate_batch_embeddings", post("/api/embeddings/batch")],
  ["semantic_search", post("/api/search/semantic")],
  ["vector_search", post("/api/search/vector")],
  ["hybrid_search", post("/api/search/hybrid")],
  ["get_recommendations", post("/api/search/recommendations")],
  ["get_analytics", get("/api/analytics")],
  ["analyze_material", post("/api/materials/analyze")],
  ["extract_text", post("/api/documents/extract")],
  ["/extract", post("/api/documents/extract")],
  ["process_document", post("/api/documents/process")],
  ["/process", post("/api/documents/process")],
  ["status", get(STATUS_PATH)],
]);

/** Names of all actions. */
export const ACTION_NAMES: readonly string[] = [...ACTIONS.keys()];

/** null for a name that is none. */
export function findAction(name: string): Action | null {
  return ACTIONS.get(name) ?? null;
}
