/** `public.search_materials` as PostgREST calls it: with a role and the claims of a token. */
import type postgres from "postgres";

/** Whose rights a statement has. */
export interface As {
  role: "authenticated" | "service_role" | "anon";
  userId?: string;
}

// deno-lint-ignore no-explicit-any
type Json = any;

/** Runs in a transaction of that caller, which is undone. */
export async function runAs<T>(
  sql: postgres.Sql,
  { role, userId }: As,
  run: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  const claims = JSON.stringify({ role, ...(userId && { sub: userId }) });
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
      `select public.search_materials(${call}) as found`,
      names.map((name) => parameters[name]),
    );
    return row!.found;
  });
}

/** The names of what was found, best first. */
export function namesOf(found: Json): string[] {
  return found.results.map((result: Json) => result.material.name);
}
