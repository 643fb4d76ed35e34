/** `deno task dev [--reset]`: runs the local stack until Ctrl-C. */
import { parseArgs } from "node:util";
import { projectDirectory } from "../stack/process/project-paths.ts";
import { chooseTogether, exportStackSettings, readFunctionSettings } from "../stack/settings.ts";
import { describeCrash, type Stack, startStack } from "../stack/stack.ts";

const usage = `Usage: deno task dev [--reset]

  --reset  delete the kept database and keys and start afresh

Settings of the functions are read from .env, supabase/functions/.env and the shell (see
.env.example). DEV_GATEWAY_PORT (54321) and DEV_DATABASE_PORT (54322) change the ports,
DEV_DATA_DIRECTORY (.local) the folder.`;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { reset: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const interrupted = listenForSignals();
  let isReady = false;
  try {
    const startedAt = performance.now();
    await exportStackSettings();
    await using stack = await startStack({
      ports: "fixed",
      keepData: true,
      reset: values.reset ?? false,
      watch: true,
      signal: interrupted,
      onProgress: (message) => console.log(`${message} …`),
      onLog: ({ part, line }) => {
        if (isWorthShowing(part, line, isReady)) console.log(`[${part}] ${line}`);
      },
      ...chooseTogether(await readFunctionSettings()),
    });
    isReady = true;
    console.log(describeStack(stack, performance.now() - startedAt));
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
function listenForSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      if (controller.signal.aborted) return;
      console.log("Stopping …");
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
function isWorthShowing(part: string, line: string, isReady: boolean): boolean {
  if (part === "postgres") {
    return isReady && /\b(WARNING|ERROR|FATAL|PANIC|STATEMENT|DETAIL|HINT):/.test(line);
  }
  if (part === "postgrest") return line.includes('"');
  return true;
}

function describeStack(stack: Stack, startMs: number): string {
  const together = stack.standInUrl
    ? `stand-in at ${stack.standInUrl} (set TOGETHER_API_KEY for the real one)`
    : "the one your settings name";
  return `
Ready after ${(startMs / 1000).toFixed(1)} s, Ctrl-C stops it

  API URL          ${stack.apiUrl}
  Publishable key  ${stack.publishableKey}
  Secret key       ${stack.secretKey}
  Database         ${stack.databaseUrl}
  Functions        ${stack.functionNames.join(", ")}
  Together         ${together}

Try it:

  curl '${stack.apiUrl}/functions/v1/semantic-analysis' \\
    -H 'apikey: ${stack.secretKey}' -H 'Content-Type: application/json' \\
    -d "{\\"image_data\\":\\"$(base64 < '${projectDirectory}/dev/samples/wood.jpg' | tr -d '\\n')\\"}"
`;
}
