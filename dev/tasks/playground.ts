/** `deno task playground [folder] [--url <project URL> --key <publishable key>]`: builds static files. */
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildPlayground, writePage } from "../playground/build-playground.ts";
import { toSecurityPolicy } from "../playground/security-policy.ts";
import { callerDirectory, localDirectory } from "../stack/process/project-paths.ts";

const usage = `Usage: deno task playground [folder] [--url <project URL> --key <publishable key>]

Builds the playground into a folder (.local/playground) that any host of static files can
serve. Without --url and --key the page asks for them, and any project can be typed in.`;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        url: { type: "string" },
        key: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    const folder = positionals[0]
      ? resolve(callerDirectory(), positionals[0])
      : `${localDirectory()}/playground`;
    const { url, publishableKey } = parseProject(values.url, values.key);
    const files = await buildPlayground({
      isLocalStack: false,
      settings: url && publishableKey ? { url, publishableKey } : {},
      policy: toSecurityPolicy(url),
    });
    await writePage(files, folder);
    console.log(`Built ${files.size} files into ${relative(Deno.cwd(), folder) || "."}`);
    return 0;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 1;
  }
}

/** @throws {Error} when only one is given, or the key is a secret one */
function parseProject(
  url: string | undefined,
  publishableKey: string | undefined,
): { url?: string; publishableKey?: string } {
  if (url === undefined && publishableKey === undefined) return {};
  if (!url || !publishableKey) throw new Error("Give both --url and --key, or neither");
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Error(`--url is "${url}", not a project URL such as https://<ref>.supabase.co`);
  }
  if (!publishableKey.startsWith("sb_publishable_")) {
    throw new Error("--key must be the publishable key, which begins with sb_publishable_");
  }
  return { url: new URL(url).origin, publishableKey };
}
