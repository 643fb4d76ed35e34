/** `deno task playground [folder] [--url <project URL> --key <publishable key>]`: builds static files. */
import { relative, resolve } from "node:path";
import { buildPlayground, writePage } from "../playground/build-playground.ts";
import { toSecurityPolicy } from "../playground/security-policy.ts";
import { runTask, type Task, UsageError } from "../run-task.ts";
import { callerDirectory, localDirectory } from "../stack/process/project-paths.ts";

const usage = ` [folder] [--url <project URL> --key <publishable key>]

Builds the playground into a folder (.local/playground) that any host of static files can
serve. Without --url and --key the page asks for them, and any project can be typed in.`;

const options = {
  url: { type: "string" },
  key: { type: "string" },
} as const;

/** `deno task playground`. */
export const task: Task<typeof options> = {
  name: "playground",
  usage,
  options,
  takes: [0, 1],
  // Why a folder can't be written is said by the system.
  expects: [Error],
  async run(values, [typed]) {
    const folder = typed ? resolve(callerDirectory(), typed) : `${localDirectory()}/playground`;
    const { url, publishableKey } = parseProject(values.url, values.key);
    const files = await buildPlayground({
      isLocalStack: false,
      settings: url && publishableKey ? { url, publishableKey } : {},
      policy: toSecurityPolicy(url),
    });
    await writePage(files, folder);
    console.log(`Built ${files.size} files into ${relative(Deno.cwd(), folder) || "."}`);
    return 0;
  },
};

/** @throws {UsageError} when only one is given, or the key is a secret one */
function parseProject(
  url: string | undefined,
  publishableKey: string | undefined,
): { url?: string; publishableKey?: string } {
  if (url === undefined && publishableKey === undefined) return {};
  if (!url || !publishableKey) throw new UsageError("Give both --url and --key, or neither");
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError(`--url is "${url}", not a project URL such as https://<ref>.supabase.co`);
  }
  if (!publishableKey.startsWith("sb_publishable_")) {
    throw new UsageError("--key must be the publishable key, which begins with sb_publishable_");
  }
  return { url: new URL(url).origin, publishableKey };
}

if (import.meta.main) Deno.exit(await runTask(task));
