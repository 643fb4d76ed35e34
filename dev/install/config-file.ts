/** The owner's configuration of the Supabase CLI, whichever file it is in. */
import { join } from "node:path";
import { parseTomlConfig } from "./config-block.ts";
import { parseJsonConfig } from "./config-json.ts";
import type { ConfigFile } from "./function-settings.ts";
import { InstallError } from "./errors.ts";
import { readIfThere } from "./text-files.ts";

/** The CLI takes JSON in place of TOML, and neither where there are both kinds of JSON. */
const JSON_FILES = ["supabase/config.json", "supabase/config.jsonc"];

/**
 * Reads the configuration that the CLI takes.
 *
 * @returns the file and its text; undefined where there is none
 * @throws {InstallError} when it can't be read
 */
export async function readConfigFile(
  folder: string,
): Promise<{ config: ConfigFile; text: string } | undefined> {
  const files = await Promise.all(JSON_FILES.map(async (path) => ({
    path,
    text: await readUtf8(folder, path),
  })));
  const [found, other] = files.filter(({ text }) => text !== undefined);
  if (other !== undefined) {
    throw new InstallError(
      `${
        JSON_FILES.join(" and ")
      } are both there, of which the Supabase CLI takes neither: delete one`,
    );
  }
  if (found?.text !== undefined) {
    return { config: parseJsonConfig(found.path, found.text), text: found.text };
  }
  const text = await readUtf8(folder, "supabase/config.toml");
  return text === undefined ? undefined : { config: parseTomlConfig(text), text };
}

/** What isn't UTF-8 could not be written back as it was. */
async function readUtf8(folder: string, path: string): Promise<string | undefined> {
  const text = await readIfThere(join(folder, path));
  if (text === undefined || !text.includes("\ufffd")) return text;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(join(folder, path)));
    return text;
  } catch {
    throw new InstallError(`${path} is not in UTF-8: save it in that encoding`);
  }
}
