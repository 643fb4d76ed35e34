/** Runs `deno test` and reads how it went from its last summary line. */
import { stripVTControlCharacters } from "node:util";
import { projectDirectory } from "../process/project-paths.ts";

/** How many tests did what. */
export interface TestCounts {
  passed: number;
  failed: number;
}

const defaultFolder = "tests/";

/**
 * Nothing runs beside them: their tests measure what a process uses of the machine, or use all of it
 * (dozens of requests at once, a browser that starts), and the limits' own time (1.5 s) would be up.
 */
const alone = [
  "tests/abuse",
  "tests/browser",
  "tests/e2e/analysis_test.ts",
  "tests/e2e/hosted-runtime_test.ts",
  "tests/e2e/joined_test.ts",
  "tests/e2e/operator_test.ts",
  "tests/e2e/visual-search_test.ts",
];

const KILL_AFTER_MS = 10_000;

/** Run only when an argument names them: they need a key, or many minutes. */
const foldersApart = ["tests/live", "tests/more"];

/**
 * Aborted by SIGTERM, which CI sends when its time is up. SIGINT is left to the tests, which a terminal
 * sends it too: a run waits for them to end.
 */
export function listenForEnd(): AbortSignal {
  const controller = new AbortController();
  Deno.addSignalListener("SIGINT", () => {});
  Deno.addSignalListener("SIGTERM", () => controller.abort());
  return controller.signal;
}

/**
 * Runs the tests and passes their output on. A run that failed in any other way than by failed tests
 * (no test at all, no summary, a module that doesn't load, ended by the signal) counts one failure.
 */
export async function runTests(
  args: readonly string[],
  environment: Record<string, string>,
  signal: AbortSignal,
): Promise<TestCounts> {
  if (signal.aborted) return { passed: 0, failed: 1 };
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...withFolders(args)],
    cwd: projectDirectory,
    env: environment,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let killTimer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    child.kill("SIGTERM");
    // Playwright takes SIGTERM for itself. What the tests have started ends with them.
    killTimer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
  };
  signal.addEventListener("abort", end);
  const [printed, status] = await Promise.all([copyToStdout(child.stdout), child.status]);
  signal.removeEventListener("abort", end);
  clearTimeout(killTimer);
  return countTests(printed, status.success);
}

/**
 * The counts of the last summary line, or of the tests' own lines where a run was ended before it; made
 * a failure where the run wasn't a success.
 */
export function countTests(printed: string, success: boolean): TestCounts {
  const text = stripVTControlCharacters(printed);
  const summary = /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed/gm;
  const last = [...text.matchAll(summary)].at(-1);
  const countLines = (result: string) =>
    text.match(new RegExp(`^\\S.* \\.\\.\\. ${result} \\(`, "gm"))?.length ?? 0;
  const [passed, failed] = last
    ? [Number(last[1]), Number(last[2])]
    : [countLines("ok"), countLines("FAILED")];
  if (failed === 0 && (!success || passed === 0)) return { passed, failed: 1 };
  return { passed, failed };
}

/** The sum of several runs. */
export function addCounts(counts: readonly TestCounts[]): TestCounts {
  return counts.reduce(
    (sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }),
    { passed: 0, failed: 0 },
  );
}

/**
 * The runs of `deno test`: one with these arguments; where there are none one of several files at a time,
 * and one of those that run alone.
 */
export function toRuns(args: readonly string[]): (readonly string[])[] {
  if (args.length > 0) return [args];
  return [["--parallel", `--ignore=${alone.join(",")}`], alone];
}

/** The arguments of `deno test`: all tests where none is named, without the folders apart. */
export function withFolders(args: readonly string[]): string[] {
  const hasPath = args.some((arg) => !arg.startsWith("-") && exists(arg));
  const ignored = foldersApart.filter((folder) => !args.some((arg) => arg.startsWith(folder)));
  return [
    ...(ignored.length > 0 ? [`--ignore=${ignored.join(",")}`] : []),
    ...args,
    ...(hasPath ? [] : [defaultFolder]),
  ];
}

function exists(path: string): boolean {
  try {
    Deno.statSync(`${projectDirectory}/${path}`);
    return true;
  } catch {
    return false;
  }
}

async function copyToStdout(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await Deno.stdout.write(rest));
  }
  return text;
}
