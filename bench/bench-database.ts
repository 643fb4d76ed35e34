/** What servers of `bench/servers` need in the database. */
import { connect } from "../dev/stack/postgres/connect.ts";
import type { Stack } from "../dev/stack/stack.ts";

/** Creates the function `bench_select_one` and the table `bench_usage`, and waits until PostgREST sees them. */
export async function prepareBenchDatabase(stack: Stack): Promise<void> {
  const sql = connect(stack.databaseUrl);
  await sql.unsafe(`
    create function public.bench_select_one() returns int language sql set search_path = ''
      return 1;
    create table public.bench_usage (user_id uuid primary key, requests int not null);
    grant execute on function public.bench_select_one() to service_role;
    grant all on public.bench_usage to service_role;
    notify pgrst, 'reload schema';
  `);
  await sql.end();
  await waitForSelectOne(stack.apiUrl, stack.secretKey);
}

/** PostgREST learns of it a moment later. */
async function waitForSelectOne(apiUrl: string, secretKey: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const response = await fetch(`${apiUrl}/rest/v1/rpc/bench_select_one`, {
      method: "POST",
      headers: { apikey: secretKey, "Content-Type": "application/json" },
      body: "{}",
    });
    await response.body?.cancel();
    if (response.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Cannot measure: PostgREST does not see the function bench_select_one");
}
