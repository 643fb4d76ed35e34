/** The Together stand-in of `dev/together-stand-in`, in a process of its own. */
import { type ChildProcess, startChildProcess } from "../process/child-process.ts";
import { projectDirectory } from "../process/project-paths.ts";

/** A running stand-in. */
export interface StandIn {
  /** What goes in `TOGETHER_BASE_URL`. */
  readonly url: string;
  readonly process: ChildProcess<string>;
}

/** The key functions send it; it takes any. */
export const standInApiKey = "local-stand-in";

/** Starts it on a free port and waits until it listens. */
export async function startStandIn(
  options: { onLine?: (line: string) => void } = {},
): Promise<StandIn> {
  const process = startChildProcess({
    name: "together",
    command: Deno.execPath(),
    args: ["run", "-A", "dev/together-stand-in/main.ts", "--port", "0"],
    cwd: projectDirectory,
    onLine: (line) => {
      if (!readUrl(line)) options.onLine?.(line);
    },
    readyWhen: readUrl,
  });
  try {
    return { url: await process.ready, process };
  } catch (error) {
    await process.stop();
    throw error;
  }
}

function readUrl(line: string): string | undefined {
  return /^listening on (http:\S+)/.exec(line)?.[1];
}
