/** The search as PostgREST calls it, with a role and the claims of a token, and a catalogue to search. */
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";

/** The id of `alice`. */
export const ALICE = "aaaaaaaa-0000-4000-8000-000000000000";

/** The id of `bob`. */
export const BOB = "bbbbbbbb-0000-4000-8000-000000000000";

/** A signed-in user. */
export const alice: As = { role: "authenticated", userId: ALICE };

/** Another signed-in user. */
export const bob: As = { role: "authenticated", userId: BOB };

/** Code of the project. */
export const service: As = { role: "service_role" };

const SEED = new URL("../../../supabase/seed.sql", import.meta.url);

/** Whose rights a statement has. */
export interface As {
  role: "authenticated" | "service_role" | "anon";
  userId?: string;
  isAnonymous?: boolean;
}

// deno-lint-ignore no-explicit-any
type Json = any;

/** Runs in a transaction of that caller, which is undone. */
export async function runAs<T>(
  sql: postgres.Sql,
  { role, userId, isAnonymous }: As,
  run: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  const claims = JSON.stringify({
    role,
    ...(userId && { sub: userId }),
    ...(isAnonymous && { is_anonymous: true }),
  });
  let result: T;
  const undone = new Error("undone");
  await sql.begin(async (transaction) => {
    await transaction`select set_config('request.jwt.claims', ${claims}, true)`;
    await transaction.unsafe(`set local role ${role}`);
    result = await run(transaction);
    throw undone;
  }).catch((error) => {
    if (error !== undone) throw error;
  });
  return result!;
}

/** @param parameters by their names without `p_` */
export async function searchAs(
  sql: postgres.Sql,
  as: As,
  parameters: Record<string, Json>,
): Promise<Json> {
  return await runAs(sql, as, async (transaction) => {
    const names = Object.keys(parameters);
    const call = names.map((name, index) => `p_${name} => $${index + 1}`).join(", ");
    const [row] = await transaction.unsafe(
      `select public.material_search_find_materials(${call}) as found`,
      names.map((name) => parameters[name]),
    );
    return row!.found;
  });
}

/** The names of what was found, best first. */
export function namesOf(found: Json): string[] {
  return found.results.map((result: Json) => result.material.name);
}

/** A database of the test's own with the sample catalogue, on one connection. */
export async function openSeededDatabase() {
  const database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await applySeed(sql);
  return { sql, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

/** Fills the catalogue with the materials of supabase/seed.sql. */
export async function applySeed(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(await Deno.readTextFile(SEED));
}

/** @returns its id */
export async function addMaterial(
  sql: postgres.Sql,
  name: string,
  rest: { createdBy?: string; visibility?: string; category?: string; properties?: object } = {},
): Promise<string> {
  const [row] = await sql`
    insert into public.materials_catalog ${
    sql({
      name,
      category: rest.category ?? "test",
      created_by: rest.createdBy ?? null,
      visibility: rest.visibility ?? "public",
      properties: sql.json((rest.properties ?? {}) as postgres.JSONValue),
    })
  } returning id`;
  return row!.id;
}
