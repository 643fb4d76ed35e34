/** What an installation tells: what it changed and which commands come next. */
import { relative } from "node:path";
import { supabaseCliVersion } from "../stack/schema/supabase-cli.ts";
import { readMigrationVersion } from "./migration-names.ts";
import type { Plan } from "./plan.ts";
import { installedFolder } from "./project.ts";
import { mainFunction } from "./checkout.ts";

const supabase = `npx supabase@${supabaseCliVersion}`;

/** Whether a plan changes nothing. */
export function isUnchanged({ writes, removals }: Plan): boolean {
  return writes.length === 0 && removals.length === 0;
}

/** The changes, a line for each kind. */
export function describeChanges(plan: Plan): string[] {
  const isOfFolder = (path: string) => path.startsWith(`${installedFolder}/`);
  const files = plan.writes.filter(({ path }) => isOfFolder(path));
  const counts = [
    [files.filter(({ isNew }) => isNew).length, "new"],
    [files.filter(({ isNew }) => !isNew).length, "changed"],
    [plan.removals.filter(isOfFolder).length, "removed"],
  ].filter(([count]) => count !== 0).map(([count, word]) => `${count} ${word}`);
  return [
    ...(counts.length > 0 ? [`${installedFolder}/: ${counts.join(", ")}`] : []),
    ...(plan.changedConfig === undefined ? [] : [`${plan.changedConfig}, nothing else`]),
    ...describeMigrations(plan.addedMigrations, "new"),
    ...describeMigrations(plan.removedMigrations, "removed"),
    ...plan.overwritten.map((path) => `${path}: was edited, replaced`),
  ];
}

/** More would fill the screen that the commands to type next are on. */
const MAX_NAMED_MIGRATIONS = 8;

function describeMigrations(names: readonly string[], word: string): string[] {
  if (names.length <= MAX_NAMED_MIGRATIONS) {
    return names.map((name) => `supabase/migrations/${name}: ${word}`);
  }
  return [`supabase/migrations/: ${names.length} ${word}, ${names[0]} to ${names.at(-1)}`];
}

/** Paths as they look from the owner's folder. */
export interface NextOptions {
  /** The owner's folder. */
  folder: string;
  /** The functions that this version has. */
  available: readonly string[];
  /** The packed client; undefined where it was not built. */
  tarball: string | undefined;
}

/** The commands to type next, in the owner's folder, with a line on each that needs one. */
export function describeNext(plan: Plan, options: NextOptions): string[] {
  const { folder, available, tarball } = options;
  const { functions, removedFunctions, addedMigrations, removedMigrations } = plan;
  const leftOut = available.filter((name) => !functions.includes(name));
  const lines: string[] = [];
  if (leftOut.length > 0 && functions.length > 0) {
    lines.push(`Left out: ${leftOut.join(", ")} (--only ${available.join(",")} takes all)`, "");
  }
  lines.push(`Next, in ${folder}:`);
  if (plan.previousVersion === undefined) {
    lines.push(`  ${supabase} link --project-ref <ref>   # where it isn't linked yet`);
  }
  // The main one last: the others call it.
  const toDelete = removedFunctions.toSorted((a, b) =>
    Number(a === mainFunction) - Number(b === mainFunction)
  );
  lines.push(
    ...toDelete.map((name) => `  ${supabase} functions delete ${name}   # if deployed`),
  );
  if (removedMigrations.length > 0) {
    const versions = removedMigrations.map((name) => readMigrationVersion(name)).join(" ");
    lines.push(
      "  # If the removed migrations were pushed: the SQL under Remove in docs/installing.md, then",
      `  ${supabase} migration repair --remote --status reverted ${versions}`,
    );
  }
  if (addedMigrations.length > 0) lines.push(`  ${supabase} db push --remote`);
  if (plan.previousVersion === undefined) {
    lines.push(
      `  ${supabase} secrets set TOGETHER_API_KEY=<key> PROJECT_USD_PER_MONTH=<dollars>`,
    );
  }
  if (functions.length > 0) {
    lines.push(
      `  ${supabase} functions deploy ${functions.join(" ")} --use-api`,
      `  curl https://<ref>.supabase.co/functions/v1/${mainFunction}/health -H 'apikey: <sb_secret_…>'`,
    );
  }
  if (tarball !== undefined && functions.length > 0) {
    lines.push(`  npm install ${toArgument(relative(folder, tarball))}   # the client, for an app`);
  }
  return lines;
}

/** A path that npm takes for one, quoted where a shell wants it. */
function toArgument(path: string): string {
  const local = path.startsWith(".") ? path : `./${path}`;
  return /^[\w./@+-]+$/.test(local) ? local : `'${local.replaceAll("'", `'\\''`)}'`;
}
