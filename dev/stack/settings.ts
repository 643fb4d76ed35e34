/** The functions' own settings, from the places a developer puts them. */
import { parseEnv } from "node:util";
import { projectDirectory } from "./process/project-paths.ts";

/** Variables by name. */
export type Settings = Record<string, string>;

/** What the stack itself reads; functions don't get these. */
const isOfStack = (name: string) => name.startsWith("DEV_") || name.endsWith("_BIN");

/**
 * Reads `.env`, then `supabase/functions/.env`, then the shell for the variables `.env.example`
 * lists; later ones win. Left out: what is empty, what the stack itself reads, and names starting
 * with `SUPABASE_`, which the platform sets.
 */
export async function readFunctionSettings(directory = projectDirectory): Promise<Settings> {
  const example = await readText(`${directory}/.env.example`);
  const listed = [...example.matchAll(/^#?\s*([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name!);
  const shell = listed.flatMap((name) => {
    const value = Deno.env.get(name);
    return value ? [[name, value] as const] : [];
  });
  const settings: Settings = {
    ...await readEnvFile(`${directory}/.env`),
    ...await readEnvFile(`${directory}/supabase/functions/.env`),
    ...Object.fromEntries(shell),
  };
  const own = Object.entries(settings).filter(([name, value]) =>
    value !== "" && !isOfStack(name) && !name.startsWith("SUPABASE_")
  );
  return Object.fromEntries(own);
}

/** Puts what `.env` says for the stack itself in this process's environment; the shell wins. */
export async function exportStackSettings(directory = projectDirectory): Promise<void> {
  for (const [name, value] of Object.entries(await readEnvFile(`${directory}/.env`))) {
    if (isOfStack(name) && !Deno.env.get(name)) Deno.env.set(name, value);
  }
}

/**
 * Decides which server the functions ask: the stand-in, unless the settings name a key (Together itself) or a base URL
 * (any server that speaks its protocol; those at home often want no key, so one is made up).
 */
export function chooseTogether(
  settings: Settings,
): { standIn: boolean; functionEnvironment: Settings } {
  const { TOGETHER_API_KEY: key, TOGETHER_BASE_URL: url } = settings;
  if (url && !key) {
    return { standIn: false, functionEnvironment: { ...settings, TOGETHER_API_KEY: "none" } };
  }
  return { standIn: !key && !url, functionEnvironment: settings };
}

async function readEnvFile(path: string): Promise<Settings> {
  const values = Object.entries(parseEnv(await readText(path)));
  return Object.fromEntries(values.flatMap(([name, value]) => value ? [[name, value]] : []));
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
