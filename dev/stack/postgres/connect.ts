import postgres from "postgres";

/** Opens a pool of connections, one unless told; the caller ends it. */
export function connect(url: string, options: { maxConnections?: number } = {}): postgres.Sql {
  return postgres(url, { max: options.maxConnections ?? 1, onnotice: () => {} });
}
