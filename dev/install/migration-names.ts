/** The names of migrations in the owner's folder: behind the last one that is there. */
import { InstallError } from "./errors.ts";

/** Digits of a timestamp: year to second. */
const DIGITS = 14;

/** The version in a migration's file name, which the Supabase CLI goes by; undefined for other files. */
export function readMigrationVersion(fileName: string): string | undefined {
  return /^(\d+)_.*\.sql$/.exec(fileName)?.[1];
}

/** The name without its version. */
export function withoutVersion(fileName: string): string {
  return fileName.replace(/^\d+_/, "");
}

/**
 * Names migrations as the CLI would now, or with the numbers behind the last of the folder where that
 * one is in the future.
 *
 * @param existing names of all files of the owner's folder
 * @param nowMs Unix time in milliseconds
 * @throws {InstallError} when no timestamp sorts behind the last one
 */
export function nameMigrations(
  names: readonly string[],
  existing: readonly string[],
  nowMs: number,
): string[] {
  // Versions are compared as text, by the CLI too.
  const last = existing.map(readMigrationVersion).filter((version) => version !== undefined)
    .toSorted().at(-1) ?? "";
  const now = new Date(nowMs).toISOString().replace(/\D/g, "").slice(0, DIGITS);
  const first = last < now ? BigInt(now) : BigInt(last) + 1n;
  return names.map((name, index) => {
    const version = String(first + BigInt(index));
    if (version.length !== DIGITS || version <= last) {
      throw new InstallError(
        `No timestamp sorts behind "${last}", the last of supabase/migrations: give that one a name of ${DIGITS} digits`,
      );
    }
    return `${version}_${withoutVersion(name)}`;
  });
}
