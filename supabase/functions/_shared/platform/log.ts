/** Structured logging: one JSON object a line, which Supabase's log explorer can query. */
export interface Log {
  info(event: string, fields?: Record<string, unknown>): void;
  /** Something an operator must look at. */
  error(event: string, fields?: Record<string, unknown>): void;
}

/** @param write Takes one line without its line break. Default: the console. */
export function createLog(write?: (level: "info" | "error", line: string) => void): Log {
  const writeLine = write ?? ((level, line) => console[level](line));
  const logAt = (level: "info" | "error") => (event: string, fields = {}) =>
    writeLine(level, JSON.stringify({ level, event, ...fields }));
  return { info: logAt("info"), error: logAt("error") };
}
