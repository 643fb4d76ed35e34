import assert from "node:assert/strict";
import { startChildProcess } from "../../../../dev/stack/process/child-process.ts";
import { connect } from "../../../../dev/stack/postgres/connect.ts";
import { createDatabase, dropDatabase } from "../../../../dev/stack/postgres/databases.ts";
import { startPostgres } from "../../../../dev/stack/postgres/postgres.ts";
import { clearStaleLock } from "../../../../dev/stack/postgres/postgres-lock.ts";
import { findUnprivilegedAccount } from "../../../../dev/stack/postgres/unprivileged-account.ts";

async function makeFolder() {
  const path = await Deno.makeTempDir();
  await Deno.chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function query(url: string, statement: string) {
  const sql = connect(url);
  try {
    return (await sql.unsafe(statement)).map((row) => ({ ...row }));
  } finally {
    await sql.end();
  }
}

Deno.test("startPostgres() starts on data whose lock names a process that isn't Postgres", async () => {
  await using folder = await makeFolder();
  const dataDirectory = `${folder.path}/data`;
  await using first = await startPostgres({ dataDirectory });
  await query(first.url(), "create table kept (id int)");
  await first.stop();
  // Postgres asks only whether its account has a process of that number.
  const other = startChildProcess({
    name: "sleep",
    command: "sleep",
    args: ["600"],
    cwd: "/",
    ...await findUnprivilegedAccount(),
  });
  await using _stop = { [Symbol.asyncDispose]: () => other.stop() };
  await Deno.writeTextFile(`${dataDirectory}/postmaster.pid`, `${other.pid}\n${dataDirectory}\n`);
  await using second = await startPostgres({ dataDirectory });
  assert.deepEqual(await query(second.url(), "select count(*)::int from kept"), [{ count: 0 }]);
});

Deno.test("clearStaleLock() ends a server that was left behind", async () => {
  await using folder = await makeFolder();
  const dataDirectory = `${folder.path}/data`;
  await using left = await startPostgres({ dataDirectory });
  await clearStaleLock(dataDirectory);
  assert.equal((await left.process.exited).success, true);
});

Deno.test("a database has the roles and schemas of the platform", async (t) => {
  await using server = await startPostgres();
  await createDatabase(server, "project");
  const url = server.url("project", "postgres");

  await t.step("full-text search folds the case of letters beyond ASCII", async () => {
    const [row] = await query(
      url,
      `select to_tsvector('simple', 'Дуб ÖL') @@ to_tsquery('simple', 'дуб & öl') as found`,
    );
    assert.equal(row?.found, true);
  });

  await t.step("postgres isn't a superuser and owns the database", async () => {
    const [row] = await query(
      url,
      `select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication,
        (select datdba::regrole::text from pg_database where datname = current_database()) as owner
      from pg_roles where rolname = current_user`,
    );
    assert.deepEqual(row, {
      rolsuper: false,
      rolcreatedb: true,
      rolcreaterole: true,
      rolbypassrls: true,
      rolreplication: true,
      owner: "postgres",
    });
  });

  await t.step("migrations can do what they do on the platform", async () => {
    await query(
      url,
      `create role reporting; grant reporting to authenticator; grant authenticated to reporting;
      create schema private; create extension pg_trgm with schema extensions;
      create table private.notes (owner uuid references auth.users (id));
      create trigger on_user after insert on auth.users for each row
        execute function suppress_redundant_updates_trigger();
      set role service_role; reset role; set role anon`,
    ).catch((error) => assert.fail(error));
  });

  await t.step("new tables and functions in public get no grants", async () => {
    await query(url, "create table public.things (id int)");
    const rows = await query(
      url,
      `select role from unnest(array['anon', 'authenticated', 'service_role']) as role
      where has_table_privilege(role, 'public.things', 'select')`,
    );
    assert.deepEqual(rows, []);
  });

  await t.step("auth.uid(), auth.role(), auth.email() and auth.jwt() read the claims", async () => {
    const sub = crypto.randomUUID();
    const claims = JSON.stringify({ sub, role: "authenticated", email: "a@example.com" });
    const rows = await query(
      url,
      `select set_config('request.jwt.claims', '${claims}', false);
      set role authenticated;
      select auth.uid(), auth.role(), auth.email(), auth.jwt() ->> 'sub' as jwt`,
    );
    assert.deepEqual(Object.values(rows.flat().at(-1)!), [
      { uid: sub, role: "authenticated", email: "a@example.com", jwt: sub },
    ]);
  });

  await t.step("a clone has what its template has", async () => {
    await createDatabase(server, "clone", { template: "project" });
    assert.deepEqual(await query(server.url("clone"), "select * from public.things"), []);
    await dropDatabase(server, "clone");
  });
});

Deno.test("startPostgres() listens on 127.0.0.1 only, with a password", async () => {
  await using server = await startPostgres();
  const rows = await query(server.url(), "show unix_socket_directories");
  assert.deepEqual(rows, [{ unix_socket_directories: "" }]);
  assert.deepEqual(await query(server.url(), "show listen_addresses"), [
    { listen_addresses: "127.0.0.1" },
  ]);
  const wrong = server.url().replace(":postgres@", ":wrong@");
  await assert.rejects(query(wrong, "select 1"), { code: "28P01" });
});
