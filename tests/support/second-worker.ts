/** Another process of the function, as the platform starts one under load. */
import { startFunction } from "../../dev/stack/functions/function-process.ts";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import type { Stack } from "../../dev/stack/stack.ts";
import { standInApiKey } from "../../dev/stack/functions/stand-in.ts";

/** A running process. Disposing it ends it. */
export interface SecondWorker extends AsyncDisposable {
  url: string;
  pid: number;
  /** Ends it at once, with whatever it is doing. */
  kill(): void;
}

/** Which function it runs, and by which Deno. */
export interface WorkerOptions {
  /** Default `semantic-analysis`. */
  name?: string;
  /** Default: the Deno that runs this. */
  denoBinary?: string;
}

/** Starts a process on the stack's database and secrets; it has a memory of its own. */
export async function startSecondWorker(
  stack: Stack,
  environment: Record<string, string>,
  { name = "semantic-analysis", denoBinary = Deno.execPath() }: WorkerOptions = {},
): Promise<SecondWorker> {
  const { url, process } = await startFunction({
    name,
    folder: `${projectDirectory}/supabase/functions/${name}`,
    denoBinary,
    environment: {
      SUPABASE_URL: stack.apiUrl,
      SUPABASE_SECRET_KEYS: JSON.stringify(stack.secretKeys),
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: stack.publishableKey }),
      SUPABASE_JWKS: JSON.stringify(stack.jwks),
      TOGETHER_BASE_URL: stack.standInUrl!,
      TOGETHER_API_KEY: standInApiKey,
      ...environment,
    },
  });
  return {
    url: `${url()!}/${name}`,
    pid: process.pid,
    kill: () => Deno.kill(process.pid, "SIGKILL"),
    [Symbol.asyncDispose]: () => process.stop(),
  };
}
