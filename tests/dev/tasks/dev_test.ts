import assert from "node:assert/strict";
import type postgres from "postgres";
import { connect } from "../../../dev/stack/postgres/connect.ts";
import { findFreePort, loopback } from "../../../dev/stack/process/ports.ts";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";
import { readLines } from "../../../dev/stack/process/read-lines.ts";

/** `deno task dev` in a process of its own, with a data folder and ports of its own. */
function startDev(environment: Record<string, string>, args: string[] = []) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "dev/tasks/dev.ts", ...args],
    cwd: projectDirectory,
    env: environment,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines: string[] = [];
  const printed: string[] = [];
  const ready = Promise.withResolvers<void>();
  const onLine = (line: string) => {
    lines.push(line);
    if (line.startsWith("Ready after") || line.startsWith("{")) ready.resolve();
  };
  const ended = Promise.all([
    child.status,
    readLines(child.stdout, (line) => {
      printed.push(line);
      onLine(line);
    }),
    readLines(child.stderr, onLine),
  ]).then(([status]) => {
    ready.reject(new Error(`Ended before it was ready:\n${lines.join("\n")}`));
    return status;
  });
  ready.promise.catch(() => {});
  return { pid: child.pid, ready: ready.promise, ended, lines, printed };
}

/** Process ids of all descendants, by the parents `ps` names. */
async function findDescendants(root: number): Promise<number[]> {
  const rows = await listProcesses();
  const found = [root];
  for (const parent of found) {
    found.push(...rows.filter((row) => row.parent === parent).map((row) => row.pid));
  }
  return found.slice(1);
}

async function listProcesses() {
  const ps = new Deno.Command("ps", { args: ["-A", "-o", "pid=,ppid=,stat=,args="] });
  const text = new TextDecoder().decode((await ps.output()).stdout);
  return text.trim().split("\n").map((line) => {
    const [pid, parent, state = "", ...args] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), state, command: args.join(" ") };
  });
}

/** Of these processes, those that still run; one that only waits to be reaped doesn't. */
async function findRunning(pids: number[]) {
  const rows = await listProcesses();
  return rows.filter((row) => pids.includes(row.pid) && !row.state.startsWith("Z"));
}

/** Polls, for what happens after a process is gone can't be awaited. */
async function waitUntilGone(pids: number[]): Promise<void> {
  for (let tries = 0; tries < 2_400; tries++) {
    if ((await findRunning(pids)).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(await findRunning(pids), []);
}

/** Waits for the ready-made command: it comes after the line that says "Ready". */
async function readCurlCommand(lines: string[]): Promise<string> {
  for (let tries = 0; tries < 2_400; tries++) {
    const start = lines.findIndex((line) => line.startsWith("  curl "));
    const end = lines.findIndex((line, index) => index >= start && !line.endsWith("\\"));
    if (start >= 0 && end >= 0) return lines.slice(start, end + 1).join("\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`No command among:\n${lines.join("\n")}`);
}

async function withConnection<Result>(
  url: string,
  work: (sql: postgres.Sql) => Promise<Result>,
): Promise<Result> {
  const sql = connect(url);
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

async function hasCurl(): Promise<boolean> {
  try {
    return (await new Deno.Command("curl", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function makeEnvironment() {
  const folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o755);
  return {
    values: {
      DEV_DATA_DIRECTORY: folder,
      DEV_GATEWAY_PORT: String(findFreePort()),
      DEV_DATABASE_PORT: String(findFreePort()),
      DEV_PLAYGROUND_PORT: String(findFreePort()),
      TOGETHER_API_KEY: "",
      TOGETHER_BASE_URL: "",
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("deno task dev", async (t) => {
  await using environment = await makeEnvironment();
  const { values } = environment;

  await t.step("refuses a second start in one line, and leaves the first alone", async () => {
    const first = startDev(values);
    await first.ready;
    const second = startDev(values);
    assert.equal((await second.ended).code, 1);
    assert.deepEqual(second.lines, [
      `The local stack of this folder runs already (process ${first.pid}), stop that one first`,
    ]);
    const answer = await fetch(
      `http://${loopback}:${values.DEV_GATEWAY_PORT}/auth/v1/.well-known/jwks.json`,
    );
    assert.equal((await answer.json()).keys.length, 1);

    const descendants = await findDescendants(first.pid);
    assert.ok(descendants.length >= 4, "Postgres, PostgREST, the stand-in, a function");
    Deno.kill(first.pid, "SIGTERM");
    assert.equal((await first.ended).code, 0);
    await waitUntilGone(descendants);
  });

  await t.step("keeps keys and data, and prints what is needed to use it", async () => {
    const keys = JSON.parse(await Deno.readTextFile(`${values.DEV_DATA_DIRECTORY}/keys.json`));
    const dev = startDev(values);
    await dev.ready;
    Deno.kill(dev.pid, "SIGINT");
    assert.equal((await dev.ended).code, 0);
    const printed = dev.lines.join("\n");
    assert.ok(!printed.includes("Creating the database files"));
    assert.ok(printed.includes(`http://${loopback}:${values.DEV_GATEWAY_PORT}`));
    assert.ok(printed.includes(keys.publishable.default));
    assert.ok(printed.includes(keys.secret.default));
    assert.match(printed, /^ {2}curl '/m);
  });

  await t.step({
    name: "prints a curl line that gets an analysis, as it stands",
    ignore: !await hasCurl(),
    async fn() {
      const dev = startDev(values);
      await dev.ready;
      const command = await readCurlCommand(dev.lines);
      const { stdout, stderr } = await new Deno.Command("bash", {
        args: ["-c", `${command} --silent --show-error --write-out '\n%{http_code}'`],
        cwd: "/",
        env: { NO_PROXY: loopback, no_proxy: loopback },
      }).output();
      Deno.kill(dev.pid, "SIGTERM");
      assert.equal((await dev.ended).code, 0);
      const [body = "", status] = new TextDecoder().decode(stdout).split("\n");
      assert.equal(status, "200", `${body}\n${new TextDecoder().decode(stderr)}`);
      assert.match(JSON.parse(body).analysis, /wood/i);
    },
  });

  await t.step("with --json prints one line, with which a script can ask", async () => {
    const dev = startDev(values, ["--json"]);
    await dev.ready;
    const { API_URL, FUNCTIONS_URL, DB_URL, SECRET_KEY, ...keys } = JSON.parse(dev.printed[0]!);
    assert.deepEqual(Object.keys(keys), [
      "PUBLISHABLE_KEY",
      "ANON_KEY",
      "SERVICE_ROLE_KEY",
      "PLAYGROUND_URL",
    ]);
    assert.equal(FUNCTIONS_URL, `${API_URL}/functions/v1`);
    const health = await fetch(`${FUNCTIONS_URL}/semantic-analysis/health`, {
      headers: { apikey: SECRET_KEY },
    });
    assert.equal((await health.json()).status, "ok");
    await withConnection(DB_URL, (sql) => sql`select from auth.users`);
    Deno.kill(dev.pid, "SIGTERM");
    assert.equal((await dev.ended).code, 0);
    assert.equal(dev.printed.length, 1);
  });

  await t.step("makes a kept database of other migrations anew, and says so", async () => {
    const old = startDev(values);
    await old.ready;
    const url = /postgresql:\S+/.exec(old.lines.join("\n"))![0];
    await withConnection(url, async (sql) => {
      await sql`
        update supabase_migrations.schema_migrations set version = '20251123060000'
        where version = (select min(version) from supabase_migrations.schema_migrations)`;
      await sql`insert into auth.users (id) values (gen_random_uuid())`;
    });
    Deno.kill(old.pid, "SIGTERM");
    assert.equal((await old.ended).code, 0);

    const next = startDev(values);
    await next.ready;
    const said = next.lines.filter((line) => line.startsWith("The kept database has other"));
    assert.equal(said.length, 1);
    const [kept] = await withConnection(url, (sql) => sql`select count(*)::int from auth.users`);
    assert.equal(kept!.count, 0);
    Deno.kill(next.pid, "SIGTERM");
    assert.equal((await next.ended).code, 0);
  });

  await t.step("stops everything when one process dies", async () => {
    const dev = startDev(values);
    await dev.ready;
    const descendants = await findDescendants(dev.pid);
    const rows = await findRunning(descendants);
    Deno.kill(rows.find((row) => /bin\/postgres -D/.test(row.command))!.pid, "SIGKILL");
    assert.equal((await dev.ended).code, 1);
    assert.ok(dev.lines.some((line) => line.startsWith(`"postgres" ended unexpectedly`)));
    await waitUntilGone(descendants);
  });

  await t.step("leaves nothing behind when it is killed, and starts again", async () => {
    const killed = startDev(values);
    await killed.ready;
    const descendants = await findDescendants(killed.pid);
    Deno.kill(killed.pid, "SIGKILL");
    await killed.ended;
    await waitUntilGone(descendants);
    const next = startDev(values);
    await next.ready;
    Deno.kill(next.pid, "SIGTERM");
    assert.equal((await next.ended).code, 0);
  });

  await t.step("says in one line which port is taken, and which variable changes it", async () => {
    for (const variable of ["DEV_GATEWAY_PORT", "DEV_DATABASE_PORT", "DEV_PLAYGROUND_PORT"]) {
      using listener = Deno.listen({ hostname: loopback, port: 0 });
      const dev = startDev({ ...values, [variable]: String(listener.addr.port) });
      assert.equal((await dev.ended).code, 1);
      assert.equal(dev.lines.length, 1);
      assert.match(dev.lines[0]!, new RegExp(`^Port ${listener.addr.port} .*${variable}`));
    }
  });
});
