/**
 * A Postgres with pgvector for tests: PGlite, the only one that npm has. It takes seconds to start and
 * has one connection, so a test file starts it once, and each test has a copy.
 */
import { PGlite, type Transaction } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { uuid_ossp } from "@electric-sql/pglite/contrib/uuid_ossp";
import { vector } from "@electric-sql/pglite-pgvector";

const PROJECT = new URL("../../", import.meta.url);

const EXTENSIONS = { vector, pg_trgm, unaccent, uuid_ossp };

/** A signed-in user, who is a tenant of their own. */
export const ALICE = "aaaaaaaa-0000-4000-8000-000000000000";

/** Another one. */
export const BOB = "bbbbbbbb-0000-4000-8000-000000000000";

/** What a function of the database answers with. */
// deno-lint-ignore no-explicit-any
export type Json = any;

/** The id of the nth material. */
export const toId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** Parameters of a search that ranks by vectors alone. */
export const VISUAL = { weights: "{1,0,0,0}" };

/** An array as Postgres reads it. */
export const toText = (numbers: readonly (number | string)[]) => `{${numbers.join(",")}}`;

/** In the plane of the first two of so many axes: the cosine of two is that of the difference. */
export function atAngle(degrees: number, dimensions = 512): number[] {
  const radians = degrees * Math.PI / 180;
  return [Math.cos(radians), Math.sin(radians), ...Array(dimensions - 2).fill(0)];
}

const readText = (path: string) => Deno.readTextFile(new URL(path, PROJECT));

/**
 * As the platform hands it out, as `postgres`, with what `sql` makes of it before the migrations.
 *
 * @param isTwice a push that was cut off is made again
 */
export async function openVectorDatabase(
  { sql = "", isMigrated = true, isTwice = false } = {},
): Promise<PGlite> {
  const database = await PGlite.create({ extensions: EXTENSIONS });
  for (const file of ["cluster", "database"]) {
    await database.exec(await readText(`dev/stack/postgres/${file}.sql`));
  }
  await database.exec("set role postgres");
  await database.exec(sql);
  if (isMigrated) await migrate(database);
  if (isTwice) await migrate(database);
  return database;
}

/** Databases of a test file, each as `openVectorDatabase` makes it; closed together. */
export interface VectorDatabases extends AsyncDisposable {
  /** A copy of its own: half a second, where a new database takes four. */
  open(): Promise<PGlite>;
}

/** Makes a database once, for as many copies as a test file opens. */
export async function createVectorDatabases(
  options: Parameters<typeof openVectorDatabase>[0],
): Promise<VectorDatabases> {
  const template = await openVectorDatabase(options);
  const loadDataDir = await template.dumpDataDir("none");
  await template.close();
  const copies: PGlite[] = [];
  return {
    async open() {
      const copy = await PGlite.create({ extensions: EXTENSIONS, loadDataDir });
      copies.push(copy);
      await copy.exec("set role postgres");
      return copy;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(copies.map((copy) => copy.close()));
    },
  };
}

/** Applies all migrations, or those whose name `isMeant`. */
export async function migrate(
  database: PGlite,
  isMeant: (name: string) => boolean = () => true,
): Promise<void> {
  const folder = new URL("supabase/migrations/", PROJECT);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  for (const name of names.filter(isMeant).sort()) {
    await database.exec(await readText(`supabase/migrations/${name}`));
  }
}

/** Runs in a transaction of that caller, as PostgREST does. */
export async function runAs<T>(
  database: PGlite,
  role: "authenticated" | "service_role",
  userId: string,
  run: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return await database.transaction(async (transaction) => {
    const claims = JSON.stringify({ role, sub: userId });
    await transaction.query("select set_config('request.jwt.claims', $1, true)", [claims]);
    await transaction.exec(`set local role ${role}`);
    return await run(transaction);
  });
}

/** Calls a function by its name in `public`, with parameters by their names without `p_`. */
async function call(
  transaction: Transaction,
  name: string,
  parameters: Record<string, unknown>,
): Promise<Json> {
  const names = Object.keys(parameters);
  const list = names.map((parameter, index) => `p_${parameter} => $${index + 1}`).join(", ");
  const { rows } = await transaction.query<{ found: Json }>(
    `select public.material_search_${name}(${list}) as found`,
    Object.values(parameters),
  );
  return rows[0]!.found;
}

/** A search of a user. */
export function search(
  database: PGlite,
  parameters: Record<string, unknown>,
  userId = ALICE,
): Promise<Json> {
  return runAs(
    database,
    "authenticated",
    userId,
    (transaction) => call(transaction, "find_materials", parameters),
  );
}

/** A function that an operator calls, or the project's own code. */
export function operate(
  database: PGlite,
  name: string,
  parameters: Record<string, unknown> = {},
): Promise<Json> {
  return runAs(
    database,
    "service_role",
    "",
    (transaction) => call(transaction, name, parameters),
  );
}

/** The names of what was found, best first. */
export const namesOf = (found: Json): string[] =>
  found.results.map(({ material }: Json) => material.name);
