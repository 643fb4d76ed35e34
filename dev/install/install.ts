/**
 * Installs this project into an owner's Supabase project, as a guest: one folder, marked lines in
 * `config.toml`, and migrations behind the owner's own.
 */
import { applyPlan } from "./apply.ts";
import { type Plan, planInstall } from "./plan.ts";
import { readProject } from "./project.ts";
import {
  type CheckoutOptions,
  chooseFunctions,
  readFiles,
  readMigrations,
  readVersion,
} from "./checkout.ts";

/** What to install, and how. */
export interface InstallOptions {
  checkout: CheckoutOptions;
  /**
   * The functions; none for an empty list. Default: those that are installed, or all where nothing
   * is.
   */
  functions?: readonly string[];
  /** Only tell what would be changed. Default false. */
  dryRun?: boolean;
  /** Replace or remove files that were edited since they were installed. Default false. */
  force?: boolean;
  /** Unix time in milliseconds. */
  now?: () => number;
}

/**
 * Installs, upgrades or, with fewer functions, takes out. The same call again changes nothing.
 *
 * @param folder of the owner's project, the one above `supabase/`
 * @returns what was changed, or would be
 * @throws {InstallError} when nothing was changed, for the reason it gives
 */
export async function install(folder: string, options: InstallOptions): Promise<Plan> {
  const { checkout, dryRun = false, force = false, now = Date.now } = options;
  const project = await readProject(folder);
  const functions = await chooseFunctions(
    checkout.directory,
    options.functions,
    project.record?.functions,
  );
  const plan = await planInstall(project, {
    version: await readVersion(checkout.directory),
    functions,
    files: await readFiles(checkout, functions),
    migrations: {
      all: await readMigrations(checkout.directory, await chooseFunctions(checkout.directory)),
      wanted: await readMigrations(checkout.directory, functions),
    },
  }, { nowMs: now(), force });
  if (!dryRun) await applyPlan(project.folder, plan);
  return plan;
}
