/** `deno task dev [--reset] [--json]`: runs the local stack until Ctrl-C. */
import { runTask, type Task, type TaskValues } from "../run-task.ts";
import { projectDirectory } from "../stack/process/project-paths.ts";
import { resolvePlaygroundPort, servePlayground } from "../playground/serve-playground.ts";
import { acquireStackLock } from "../stack/stack-lock.ts";
import { chooseTogether, exportStackSettings, readFunctionSettings } from "../stack/settings.ts";
import { describeCrash, type Stack, startStack } from "../stack/stack.ts";

const usage = ` [--reset] [--json]

  --reset  delete the kept database and keys and start afresh
  --json   print nothing on stdout but, once it is ready, one line of JSON with the
           URLs and keys, named as by \`supabase status --output json\`

Settings of the functions are read from .env, supabase/functions/.env and the shell
(see .env.example). DEV_GATEWAY_PORT (54321), DEV_DATABASE_PORT (54322) and
DEV_PLAYGROUND_PORT (54323) change the ports, DEV_DATA_DIRECTORY (.local) the folder.`;

const options = {
  reset: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** `deno task dev`. */
export const task: Task<typeof options> = { name: "dev", usage, options, run };

async function run(values: TaskValues<typeof options>): Promise<number> {
  // What is said on the way must not come between a script and the line it reads.
  const say = values.json ? console.error : console.log;
  const interrupted = listenForSignals(say);
  let isReady = false;
  try {
    const startedAt = performance.now();
    await exportStackSettings();
    // A stack that runs already has its ports: that it runs is what is said.
    (await acquireStackLock())[Symbol.dispose]();
    const playgroundPort = resolvePlaygroundPort();
    await using stack = await startStack({
      ports: "fixed",
      keepData: true,
      reset: values.reset ?? false,
      watch: true,
      signal: interrupted,
      onProgress: (message) => say(`${message} …`),
      onLog: ({ source, line }) => {
        if (isWorthShowing(source, line, isReady)) say(`[${source}] ${line}`);
      },
      ...chooseTogether(await readFunctionSettings()),
    });
    await using playground = await servePlayground(stack, { port: playgroundPort });
    isReady = true;
    console.log(
      values.json
        ? toJson(stack, playground.url)
        : describeStack(stack, playground.url, performance.now() - startedAt),
    );
    const crash = await Promise.race([stack.finished, whenAborted(interrupted)]);
    if (!crash) return 0;
    console.error(`${describeCrash(crash)}\nEverything else was stopped`);
    return 1;
  } catch (error) {
    if (interrupted.aborted) return 0;
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

/** Aborted by the first signal; more of them change nothing (`deno task` passes on its own too). */
function listenForSignals(say: (message: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      if (controller.signal.aborted) return;
      say("Stopping …");
      controller.abort();
    });
  }
  return controller.signal;
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

/** Postgres's and PostgREST's reports of their own housekeeping would drown the functions' lines. */
function isWorthShowing(source: string, line: string, isReady: boolean): boolean {
  if (source === "postgres") {
    return isReady && /\b(WARNING|ERROR|FATAL|PANIC|STATEMENT|DETAIL|HINT):/.test(line);
  }
  if (source === "postgrest") return line.includes('"');
  return true;
}

function describeStack(stack: Stack, playgroundUrl: string, startMs: number): string {
  const together = stack.standInUrl
    ? `stand-in at ${stack.standInUrl} (set TOGETHER_API_KEY for the real one)`
    : "the one your settings name";
  return `
Ready after ${(startMs / 1000).toFixed(1)} s, Ctrl-C stops it

  Playground       ${playgroundUrl}
  API URL          ${stack.apiUrl}
  Publishable key  ${stack.publishableKey}
  Secret key       ${stack.secretKey}
  Database         ${stack.databaseUrl}
  Functions        ${stack.functionNames.join(", ")}
  Together         ${together}

Try it:

  curl '${stack.apiUrl}/functions/v1/semantic-analysis' \\
    -H 'apikey: ${stack.secretKey}' \\
    -H 'Content-Type: application/octet-stream' \\
    --data-binary '@${projectDirectory}/dev/samples/wood.jpg'
`;
}

/** The names are those of `supabase status --output json`, and the playground's. */
function toJson(stack: Stack, playgroundUrl: string): string {
  return JSON.stringify({
    API_URL: stack.apiUrl,
    FUNCTIONS_URL: `${stack.apiUrl}/functions/v1`,
    DB_URL: stack.databaseUrl,
    PUBLISHABLE_KEY: stack.publishableKey,
    SECRET_KEY: stack.secretKey,
    ANON_KEY: stack.anonKey,
    SERVICE_ROLE_KEY: stack.serviceRoleKey,
    PLAYGROUND_URL: playgroundUrl,
  });
}

if (import.meta.main) Deno.exit(await runTask(task));
