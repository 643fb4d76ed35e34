/** Statements as a signed-in user runs them. */
import type postgres from "postgres";

const USER = "aaaaaaaa-0000-4000-8000-000000000000";

/** Runs `run` in a transaction with the rights and the claims of a user who owns nothing. */
export async function asUser<T>(
  sql: postgres.Sql,
  run: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  return await sql.begin(async (transaction) => {
    const claims = JSON.stringify({ role: "authenticated", sub: USER });
    await transaction`select set_config('request.jwt.claims', ${claims}, true)`;
    await transaction`set local role authenticated`;
    return await run(transaction);
  }) as T;
}
