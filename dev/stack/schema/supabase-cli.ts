/** The real Supabase CLI, which npx brings. */
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
  return await runCommand({
    name: `supabase ${args.slice(0, 2).join(" ")}`,
    command: await findSupabaseCli(),
    args,
    cwd: options.directory ?? projectDirectory,
    env: { NO_COLOR: "1", DO_NOT_TRACK: "1", PGSSLMODE: "disable", ...options.env },
  });
}

let found: Promise<string> | undefined;

/**
 * Path of the CLI: what `SUPABASE_CLI_BIN` names, or npm's. npx takes as long as the CLI itself, so it is
 * asked once.
 *
 * @throws {Error} when there is no npx, or it can't install the CLI
 */
export function findSupabaseCli(): Promise<string> {
  return found ??= Promise.resolve(Deno.env.get("SUPABASE_CLI_BIN") || installSupabaseCli());
}

async function installSupabaseCli(): Promise<string> {
  try {
    const path = await runCommand({
      name: "npx",
      command: "npx",
      args: ["-y", `--package=supabase@${supabaseCliVersion}`, "-c", "command -v supabase"],
      cwd: projectDirectory,
    });
    return path.trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new Error(`"npx" isn't on the PATH, install Node.js (it runs the Supabase CLI)`);
    }
    throw error;
  }
}
