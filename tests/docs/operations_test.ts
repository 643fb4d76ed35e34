/** The statements of docs/operations.md do what is said of them. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { reserve } from "../database/limiter.ts";

const markdown = await Deno.readTextFile(`${projectDirectory}/docs/operations.md`);

const USER = "user:4cefa077-61e3-4e61-9c05-dc02e7b9200d";

/** The statements of the block with this text, for one user. */
function readStatements(text: string): string[] {
  const blocks = [...markdown.matchAll(/^```sql\n([^]*?)^```/gm)].map(([, block]) => block!);
  const block = blocks.find((block) => block.includes(text)) ?? assert.fail(`No block: ${text}`);
  return block.replaceAll("user:<uuid>", USER).split(/;.*\n/).filter((part) => part.trim() !== "");
}

Deno.test("what is under way is what has not expired", async () => {
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
