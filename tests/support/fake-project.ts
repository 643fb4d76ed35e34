/** The platform's side of one Supabase project, for the real CLI. */
import { dirname } from "node:path";
import type { FunctionSource } from "../../dev/stack/functions/functions.ts";
import { exemptLoopbackFromProxies } from "../../dev/stack/api/proxy-variables.ts";
import { runSupabaseCli } from "../../dev/stack/schema/supabase-cli.ts";
import {
  type Deployment,
  type FakeManagementApi,
  startFakeManagementApi,
} from "./fake-management-api.ts";

const PROJECT_REF = "abcdefghijklmnopqrst";
const ACCESS_TOKEN = `sbp_${"0123456789".repeat(4)}`;

/** A project behind the management API. */
export interface FakeProject extends AsyncDisposable {
  readonly ref: string;
  readonly api: FakeManagementApi;
  /** Runs the CLI in a folder, signed in. */
  run(args: string[], directory: string): Promise<string>;
}

/** Starts one; the CLI keeps its own files in a temporary folder. */
export async function startFakeProject(): Promise<FakeProject> {
  exemptLoopbackFromProxies();
  const home = await Deno.makeTempDir();
  const api = startFakeManagementApi({ projectRef: PROJECT_REF, accessToken: ACCESS_TOKEN });
  const profile = `${home}/loopback.yaml`;
  await Deno.writeTextFile(
    profile,
    `name: loopback
api_url: ${api.url}
dashboard_url: ${api.url}
project_host: loopback.test
pooler_host: loopback.test
`,
  );
  return {
    ref: PROJECT_REF,
    api,
    run: (args, directory) =>
      runSupabaseCli([...args, "--yes"], {
        directory,
        env: {
          SUPABASE_PROFILE: profile,
          SUPABASE_HOME: home,
          SUPABASE_ACCESS_TOKEN: ACCESS_TOKEN,
        },
      }),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  };
}

/**
 * Writes what was uploaded into a folder, the newest of each function.
 *
 * @returns the functions as they can be started from there
 */
export async function unpackDeployments(
  deployments: readonly Deployment[],
  folder: string,
): Promise<FunctionSource[]> {
  const newest = new Map(deployments.map((deployment) => [deployment.slug, deployment]));
  const sources: FunctionSource[] = [];
  for (const { slug, metadata, files } of newest.values()) {
    // Each in a folder of its own: what one lacks must not come from another.
    const root = `${folder}/${slug}`;
    for (const [path, bytes] of files) {
      await Deno.mkdir(dirname(`${root}/${path}`), { recursive: true });
      await Deno.writeFile(`${root}/${path}`, bytes);
    }
    const { entrypoint_path, import_map_path } = metadata as Record<string, string | undefined>;
    sources.push({
      name: slug,
      folder: dirname(`${root}/${entrypoint_path}`),
      ...(import_map_path && { importMap: `${root}/${import_map_path}` }),
    });
  }
  return sources;
}
