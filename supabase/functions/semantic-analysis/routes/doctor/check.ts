/** What one check of the doctor has found. */
export interface Check {
  name:
    | "configuration"
    | "ceiling"
    | "signing_keys"
    | "credentials"
    | "functions"
    | "database"
    | "migrations"
    | "search"
    | "chain"
    | "calibration"
    | "provider_key"
    | "models"
    | "attempts"
    | "storage";
  status: "ok" | "warning" | "failed" | "skipped";
  message: string;
  /** What to do; absent when there is nothing to do. */
  action?: string;
}
