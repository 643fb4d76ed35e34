/** The real Supabase CLI, run by npx. */
import { projectDirectory } from "../process/project-paths.ts";
import { runCommand } from "../process/run-command.ts";

/** The one place in the project's tooling that names the CLI's version. */
export const supabaseCliVersion = "3.1.0";

/** Where and how the CLI runs. */
export interface RunSupabaseCliOptions {
  /** Folder with `supabase/`; default this project's. */
  directory?: string;
  /** Variables beside this process's. */
  env?: Record<string, string>;
}

/**
 * Runs a command of the CLI.
 *
 * @returns what it printed on stdout
 * @throws {Error} with what it printed when it fails, or when there is no npx
 */
export async function runSupabaseCli(
  args: string[],
  options: RunSupabaseCliOptions = {},
): Promise<string> {
  try {
    return await runCommand({
      name: `supabase ${args.slice(0, 2).join(" ")}`,
      command: "npx",
      args: ["-y", `supabase@${supabaseCliVersion}`, ...args],
      cwd: options.directory ?? projectDirectory,
      env: { NO_COLOR: "1", DO_NOT_TRACK: "1", PGSSLMODE: "disable", ...options.env },
    });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new Error(`"npx" isn't on the PATH, install Node.js (it runs the Supabase CLI)`);
    }
    throw error;
  }
}
