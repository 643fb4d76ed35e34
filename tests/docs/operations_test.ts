/** The statements of docs/operations.md do what is said of them. */
import assert from "node:assert/strict";
import { parse } from "libpg-query";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { CHECK_NAMES } from "../../supabase/functions/semantic-analysis/routes/doctor/check.ts";
import { reserve } from "../database/limiter.ts";

const markdown = await Deno.readTextFile(`${projectDirectory}/docs/operations.md`);

const USER = "user:4cefa077-61e3-4e61-9c05-dc02e7b9200d";

/** The statements of the block with this text, for one user. */
function readStatements(text: string): string[] {
  const blocks = [...markdown.matchAll(/^```sql\n([^]*?)^```/gm)].map(([, block]) => block!);
  const block = blocks.find((block) => block.includes(text)) ?? assert.fail(`No block: ${text}`);
  return block.replaceAll("user:<uuid>", USER).split(/;.*\n/).filter((part) => part.trim() !== "");
}

Deno.test("the table of the doctor has each of its checks once", () => {
  const rows = [...markdown.matchAll(/^\| `([a-z_]+)` +\|/gm)].map(([, name]) => name!);
  const known = rows.filter((name) => (CHECK_NAMES as readonly string[]).includes(name));
  assert.deepEqual(known.toSorted(), [...CHECK_NAMES].toSorted());
});

Deno.test("the statement for requests under way counts no expired hold", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const statement = readStatements("-- what is under way")
    .find((statement) => statement.includes("-- what is under way"))!;
  const lostAt = new Date(Date.now() - 86_400_000);
  await reserve(sql, { subject: "user:lost", now: lostAt });
  await reserve(sql, { subject: "user:both", now: lostAt });
  await reserve(sql, { subject: "user:both" });
  await reserve(sql, { subject: "user:two" });
  await reserve(sql, { subject: "user:two" });
  // As a decision that was long ago left it: the next one drops what has expired.
  await sql`
    update semantic_analysis.rate_limits set holds = holds || (
      select holds from semantic_analysis.rate_limits where subject = 'user:lost'
    ) where subject = 'user:both'`;
  const rows = await sql.unsafe(statement);
  assert.deepEqual(rows.map((row) => Object.values(row)).toSorted(), [
    ["user:both", "1"],
    ["user:two", "2"],
  ]);
});

Deno.test("the examples of limits keep what they don't mean to change", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const settings = async () => {
    const rows = await sql`
      select subject, plan, per_minute, per_day, nano_per_month
      from semantic_analysis.limit_settings where subject in ('plan:pro', ${USER})
      order by subject`;
    return rows.map((row) => Object.values(row));
  };
  const pro = ["plan:pro", null, 100, 5_000, null];
  const seen: unknown[] = [];
  for (const statement of readStatements("semantic_analysis_set_limits(")) {
    await sql.unsafe(statement);
    seen.push((await settings()).filter(([subject]) => subject === USER).flat());
    assert.deepEqual((await settings())[0], pro);
  }
  assert.deepEqual(seen, [
    [],
    [USER, "plan:pro", null, null, null],
    [USER, "plan:pro", null, 9_000, null],
    [USER, "plan:pro", null, 9_000, null],
    [USER, "plan:pro", null, 0, null],
    [USER, null, null, null, null],
    [USER, null, null, null, null],
  ]);
});

Deno.test("every statement of SQL is one of Postgres's grammar, and so is what the cron job runs", async () => {
  const blocks = [...markdown.matchAll(/^```sql\n([^]*?)^```/gm)].map(([, block]) => block!);
  assert.ok(blocks.length > 5, String(blocks.length));
  for (const block of blocks) {
    assert.ok((await parse(block)).stmts!.length > 0, block);
    for (const [, command] of block.matchAll(/\$\$([^]*?)\$\$/g)) {
      assert.equal((await parse(command!)).stmts!.length, 1, command);
    }
  }
  await assert.rejects(parse("select net.http_post(url := 'a'"), /syntax error/);
});

Deno.test("the catalogue's cron job calls the function with the key from Vault, if a job is due", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql.unsafe(`
    create schema cron; create schema net; create schema vault;
    create table vault.decrypted_secrets (name text, decrypted_secret text);
    create function vault.create_secret(secret text, name text) returns void language sql as
      'insert into vault.decrypted_secrets values (name, secret)';
    create table cron.jobs (name text, schedule text, command text);
    create function cron.schedule(name text, schedule text, command text) returns void language sql
      as 'insert into cron.jobs values (name, schedule, command)';
    create table net.calls (url text, headers jsonb, body jsonb, timeout int);
    create function net.http_post(url text, headers jsonb, body jsonb, timeout_milliseconds int)
      returns bigint language sql
      as 'insert into net.calls values (url, headers, body, timeout_milliseconds) returning 1';
  `);
  const blocks = [...markdown.matchAll(/^```sql\n([^]*?)^```/gm)].map(([, block]) => block!);
  for (const text of ["-- once: where", "-- the catalogue's cron job"]) {
    await sql.unsafe(blocks.find((block) => block.includes(text))!);
  }
  const [job] = await sql`select * from cron.jobs`;
  await sql.unsafe(job!.command);
  assert.equal((await sql`select from net.calls`).length, 0);
  await sql`insert into catalogue_jobs.jobs (source, not_before, created_at)
    values ('https://pictures.example/a.jpg', now(), now())`;
  await sql.unsafe(job!.command);
  const [call] = await sql`select * from net.calls`;
  assert.equal(call!.url, "https://<ref>.supabase.co/functions/v1/analyse-catalogue");
  assert.equal(call!.headers.apikey, "sb_secret_…");
});
