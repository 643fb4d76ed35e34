/** Another process of the function, as the platform starts one under load. */
import { startFunction } from "../../dev/stack/functions/function-process.ts";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import type { Stack } from "../../dev/stack/stack.ts";
import { standInApiKey } from "../../dev/stack/functions/stand-in.ts";

export interface SecondWorker extends AsyncDisposable {
  url: string;
  pid: number;
  /** Ends it at once, with whatever it is doing. */
  kill(): void;
}

export async function startSecondWorker(
  stack: Stack,
  environment: Record<string, string>,
): Promise<SecondWorker> {
  const { url, process } = await startFunction({
    name: "semantic-analysis",
    folder: `${projectDirectory}/supabase/functions/semantic-analysis`,
    environment: {
      SUPABASE_URL: stack.apiUrl,
      SUPABASE_SECRET_KEYS: JSON.stringify(stack.secretKeys),
      SUPABASE_JWKS: JSON.stringify(stack.jwks),
      TOGETHER_BASE_URL: stack.standInUrl!,
      TOGETHER_API_KEY: standInApiKey,
      ...environment,
    },
  });
  return {
    url: `${url()!}/semantic-analysis`,
    pid: process.pid,
    kill: () => Deno.kill(process.pid, "SIGKILL"),
    [Symbol.asyncDispose]: () => process.stop(),
  };
}
