/** What the owner's configuration says of the installed functions. */

/** What the configuration says of a function of ours; paths are below `supabase/`. */
export interface FunctionSettings {
  verify_jwt: boolean;
  entrypoint: string;
  import_map: string;
}

/** The owner's configuration, taken apart. */
export interface ConfigFile {
  /** Below the owner's folder. */
  path: string;
  /** What of the file is ours, for messages. */
  part: string;
  /** Names of the functions that the owner has configured. */
  functions: string[];
  /** What is ours, as text to compare; undefined where nothing is. */
  ours: string | undefined;
  /** What ours would be with these functions. */
  format(functions: Record<string, FunctionSettings>): string;
  /**
   * The file's text with these functions in place of those that are ours.
   *
   * @throws {InstallError} when they don't fit what the owner wrote
   */
  replace(functions: Record<string, FunctionSettings>): string;
}

const INSTALLED = "./semantic-analysis";

/** What is configured of these functions. */
export function toFunctionSettings(names: readonly string[]): Record<string, FunctionSettings> {
  return Object.fromEntries(names.map((name) => [name, {
    verify_jwt: false,
    entrypoint: `${INSTALLED}/functions/${name}/index.ts`,
    import_map: `${INSTALLED}/import_map.json`,
  }]));
}

/** Whether a function's settings name a source of the installed folder. */
export function isInstalledFunction(settings: unknown): boolean {
  const { entrypoint } = (settings ?? {}) as { entrypoint?: unknown };
  return typeof entrypoint === "string" && entrypoint.startsWith(`${INSTALLED}/functions/`);
}
