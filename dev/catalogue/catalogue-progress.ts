/** What `GET` of analyse-catalogue tells; times are ISO 8601. */
export interface CatalogueProgress {
  waiting: number;
  due: number;
  running: number;
  stranded: number;
  done: number;
  failed: number;
  is_paused: boolean;
  paused_until: string | null;
  last_run_at: string | null;
  /** The code of what stopped the last run; null once an analysis was paid for after it. */
  stopped_by: string | null;
  enqueues_materials: boolean;
  upload_buckets: string[];
  per_minute: number;
  left_seconds: number | null;
  cost_usd: number;
  month: { spent_usd: number; limit_usd: number | null };
  run: { spent_usd: number; budget_usd: number; jobs_left: number | null } | null;
  failures: {
    id: number;
    material_id: string | null;
    source: string;
    code: string | null;
    error: string | null;
    ended_at: string;
  }[];
}
