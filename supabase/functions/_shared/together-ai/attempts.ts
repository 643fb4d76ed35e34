/** What became of one attempt. */
export interface Attempt {
  model: string;
  /** HTTP status; null when none arrived. */
  status: number | null;
  durationMs: number;
  /** `ok`, or the reason of the error that ended it. */
  reason: string;
  /** Tokens may have been charged without their number being known to us. */
  mayBeBilled: boolean;
  /** Nano-dollars at list prices; the most that it can have cost where `mayBeBilled`. */
  costNanoUsd: number;
}
