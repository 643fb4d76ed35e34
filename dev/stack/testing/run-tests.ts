/** Runs `deno test` and reads how it went from its last summary line. */
import { stripVTControlCharacters } from "node:util";
import { projectDirectory } from "../process/project-paths.ts";

/** How many tests did what. */
export interface TestCounts {
  passed: number;
  failed: number;
}

const defaultFolder = "tests/";

/** Run only when an argument names them: they need a key, or many minutes. */
const foldersApart = ["tests/live", "tests/more"];

/**
 * Runs the tests and passes their output on. A run that failed in any other way than by failed tests
 * (no test at all, no summary, a module that doesn't load) counts one failure.
 */
export async function runTests(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<TestCounts> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...withFolders(args)],
    cwd: projectDirectory,
    env: environment,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const ignoreSignal = () => {}; // a terminal sends it to the tests too; we wait for them to end
  const forwardSignal = () => child.kill("SIGTERM");
  Deno.addSignalListener("SIGINT", ignoreSignal);
  Deno.addSignalListener("SIGTERM", forwardSignal);
  try {
    const [printed, status] = await Promise.all([copyToStdout(child.stdout), child.status]);
    return countTests(printed, status.success);
  } finally {
    Deno.removeSignalListener("SIGINT", ignoreSignal);
    Deno.removeSignalListener("SIGTERM", forwardSignal);
  }
}

/** The counts of the last summary line, made a failure where the run wasn't a success. */
export function countTests(printed: string, success: boolean): TestCounts {
  const summary = /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed/gm;
  const last = [...stripVTControlCharacters(printed).matchAll(summary)].at(-1);
  const [passed, failed] = last ? [Number(last[1]), Number(last[2])] : [0, 0];
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
