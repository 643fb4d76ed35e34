/** What the doctor checks; docs/operations.md says of each what it finds. */
export const CHECK_NAMES = [
  "configuration",
  "ceiling",
  "signing_keys",
  "credentials",
  "functions",
  "database",
  "migrations",
  "search",
  "chain",
  "calibration",
  "provider_key",
  "models",
  "attempts",
  "storage",
] as const;

/** What one check of the doctor has found. */
export interface Check {
  name: typeof CHECK_NAMES[number];
  status: "ok" | "warning" | "failed" | "skipped";
  message: string;
  /** What to do; absent when there is nothing to do. */
  action?: string;
}
