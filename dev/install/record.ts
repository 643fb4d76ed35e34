/** `installed.json`: what an installation wrote, so that the next one knows what is its own. */
import * as z from "zod";
import { InstallError } from "./errors.ts";

const recordSchema = z.object({
  version: z.string(),
  functions: z.array(z.string()),
  files: z.record(z.string(), z.string()),
  config: z.string(),
  migrations: z.record(z.string(), z.object({ file: z.string(), sha256: z.string() })),
});

/** What was installed. */
export interface InstallRecord {
  version: string;
  /** Names of the functions. */
  functions: string[];
  /** Hashes by path below the installed folder. */
  files: Record<string, string>;
  /** Hash of what is ours in the configuration. */
  config: string;
  /** By the migration's name in this project: its name in the owner's folder, and its hash. */
  migrations: Record<string, { file: string; sha256: string }>;
}

/**
 * Reads a record.
 *
 * @throws {InstallError} when the text is none
 */
export function parseRecord(text: string): InstallRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Reported below: no record has the shape of undefined.
  }
  const result = recordSchema.safeParse(value);
  if (!result.success) {
    throw new InstallError(
      "supabase/semantic-analysis/installed.json can't be read, take it from your version control",
    );
  }
  return result.data;
}

/** The text of a record, the same for the same record. */
export function formatRecord(record: InstallRecord): string {
  const sorted = <T>(values: Record<string, T>) =>
    Object.fromEntries(Object.entries(values).toSorted(([a], [b]) => a < b ? -1 : 1));
  const { version, functions, files, config, migrations } = record;
  const ordered = {
    version,
    functions,
    config,
    migrations: sorted(migrations),
    files: sorted(files),
  };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}
