import { verificationKeySet } from "./api/api-keys.ts";
import { type Postgrest, startPostgrest } from "./api/postgrest.ts";
import { createPlatformSchemas } from "./postgres/bootstrap.ts";
import { type PostgresServer, startPostgres } from "./postgres/postgres.ts";
import { applyMigrations, hasOtherMigrations } from "./schema/migrations.ts";
import type { StackLog, StackOptions } from "./stack-options.ts";
import type { StackProcesses } from "./stack-processes.ts";
import type { StackState } from "./stack-state.ts";

/** Where the database is, and what keeps its processes. */
export interface StartDatabaseOptions extends Pick<StackOptions, "onProgress"> {
  state: StackState;
  server: Pick<PostgresServer, "url">;
  databaseName: string;
  /** Where Postgres listens, if it is the stack's own. */
  databasePort: number;
  processes: StackProcesses;
  log: StackLog;
}

/**
 * Starts Postgres, where it is the stack's own, with the platform's schemas and this project's
 * migrations, then PostgREST. Tells the base URL of PostgREST, which a restart changes.
 */
export async function startDatabase(options: StartDatabaseOptions): Promise<() => string> {
  const { state, server, databaseName, processes, log } = options;
  if (state.dataDirectory) await startOwnPostgres(options, state.dataDirectory);
  let rest: Postgrest | undefined;
  rest = await processes.start("postgrest", async () =>
    rest = await startPostgrest({
      databaseUrl: server.url(databaseName, "authenticator"),
      jwks: verificationKeySet(state.keys),
      ...log("postgrest"),
      ...toProgress(options),
    }));
  return () => rest!.url;
}

async function startOwnPostgres(
  options: StartDatabaseOptions,
  dataDirectory: string,
): Promise<void> {
  const { state, server, databaseName, databasePort: port, processes, log } = options;
  const progress = toProgress(options);
  const databaseUrl = server.url(databaseName, "postgres");
  await processes.start(
    "postgres",
    () => startPostgres({ port, dataDirectory, ...log("postgres"), ...progress }),
  );
  if (await hasOtherMigrations(databaseUrl)) {
    options.onProgress?.(
      "The kept database has other migrations than this project, so it is made anew, " +
        "without its users and rows",
    );
    await processes.stop("postgres");
    await Deno.remove(dataDirectory, { recursive: true });
    await Deno.remove(state.storageDirectory, { recursive: true }).catch(() => {});
    await processes.restart("postgres");
  }
  await createPlatformSchemas(server.url(databaseName));
  await applyMigrations(databaseUrl, { includeSeed: true, ...progress });
}

const toProgress = ({ onProgress }: StartDatabaseOptions) => onProgress ? { onProgress } : {};
