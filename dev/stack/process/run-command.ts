/** Programs that are run to their end. */
import { describeStatus, startChildProcess } from "./child-process.ts";
import type { ChildProcessOptions } from "./child-process.ts";

/**
 * Runs a program to its end; it ends with this process.
 *
 * @returns what it printed on stdout, as text
 * @throws {Error} with all it printed when it fails
 */
export async function runCommand(options: ChildProcessOptions): Promise<string> {
  const printed: string[] = [];
  const output: string[] = [];
  const child = startChildProcess({
    ...options,
    onLine: (line, stream) => {
      printed.push(line);
      if (stream === "stdout") output.push(line);
      options.onLine?.(line, stream);
    },
  });
  const status = await child.exited;
  if (!status.success) {
    throw new Error(
      `"${options.name}" failed (${describeStatus(status)}):\n${printed.join("\n")}`,
    );
  }
  return output.map((line) => `${line}\n`).join("");
}
