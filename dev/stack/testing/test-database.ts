/**
 * Databases and stacks for tests, each with its own copy of the migrated template. `deno task test`
 * provides the server in `TEST_DATABASE_URL`; where it is missing (`deno test` on a single file) one
 * is started that ends with the test process.
 */
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import type postgres from "postgres";
import { pause } from "../../../supabase/functions/_shared/platform/http/pause.ts";
import { connect } from "../postgres/connect.ts";
import { createDatabase, type DatabaseHost, dropDatabase } from "../postgres/databases.ts";
import { localServer } from "../postgres/postgres.ts";
import { type Stack, type StackOptions, startStack } from "../stack.ts";
import { toMidnightWaitMs } from "./midnight.ts";

/** A migrated database of a test's own. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  readonly server: DatabaseHost;
  /** Connection string; default role: `postgres`, which owns what migrations create. */
  url(role?: string): string;
  /** Opens a pool that is closed with the database. */
  connect(options?: { role?: string; maxConnections?: number }): postgres.Sql;
}

/**
 * Clones the template or, with `isMigrated: false`, makes a database with nothing but the platform's
 * schemas; disposing drops it.
 */
export async function openTestDatabase(
  options: { isMigrated?: boolean } = {},
): Promise<TestDatabase> {
  const waitMs = toMidnightWaitMs(Date.now());
  if (waitMs > 0) await pause(waitMs);
  const templateUrl = Deno.env.get("TEST_DATABASE_URL") ?? await startTestServer();
  const [, port, template = ""] = /:(\d+)\/(\w+)$/.exec(templateUrl) ?? [];
  const server = localServer(Number(port));
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await createDatabase(server, name, options.isMigrated ?? true ? { template } : {});
  const url = (role = "postgres") => server.url(name, role);
  const pools: postgres.Sql[] = [];
  return {
    name,
    server,
    url,
    connect({ role, maxConnections } = {}) {
      const pool = connect(url(role), maxConnections ? { maxConnections } : {});
      pools.push(pool);
      return pool;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pools.map((pool) => pool.end()));
      await dropDatabase(server, name);
    },
  };
}

/** A stack on a database of its own; disposing ends both. */
export async function startTestStack(
  options: StackOptions = {},
): Promise<Stack & { database: TestDatabase }> {
  await using cleanUp = new AsyncDisposableStack();
  const database = cleanUp.use(await openTestDatabase());
  const stack = cleanUp.use(
    await startStack({ ...options, postgres: database.server, databaseName: database.name }),
  );
  const started = cleanUp.move();
  return { ...stack, database, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/**
 * Starts the server through a shell that ends at once, so that no test owns a process (the test
 * runner reports that as a leak), or finds the one that another file of this run has started.
 */
async function startTestServer(): Promise<string> {
  const urlFile = `${tmpdir()}/local-supabase-stack-${Deno.pid}.url`;
  try {
    (await Deno.open(urlFile, { createNew: true, write: true })).close();
    const script = fileURLToPath(new URL("./test-server.ts", import.meta.url));
    await new Deno.Command("/bin/sh", {
      args: [
        ...["-c", '"$@" >/dev/null 2>&1 &', "sh", Deno.execPath(), "run", "-A", script],
        ...[String(Deno.pid), urlFile],
      ],
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  while (true) {
    const written = await Deno.readTextFile(urlFile);
    if (written.startsWith("postgresql://")) return written;
    if (written !== "") throw new Error(written);
    await pause(50);
  }
}
