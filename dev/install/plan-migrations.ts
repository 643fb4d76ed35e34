/** Which migrations an installation adds to the owner's and which it takes out again. */
import { nameMigrations, withoutVersion } from "./migration-names.ts";
import { migrationsFolder, type Project } from "./project.ts";
import type { InstallRecord } from "./record.ts";
import type { CheckoutMigration } from "./checkout.ts";
import { type FileChange, hashText, readIfThere } from "./text-files.ts";

/** What is done about migrations. */
export interface MigrationPlan {
  /** Of those that stay or come. */
  record: InstallRecord["migrations"];
  writes: FileChange[];
  added: string[];
  removed: string[];
  edited: string[];
}

/**
 * A migration that was installed once is not installed again: the owner may have applied and then
 * squashed it. One that an interrupted installation left without a record is recognised by its
 * contents.
 */
export async function planMigrations(
  project: Project,
  wanted: readonly CheckoutMigration[],
  nowMs: number,
): Promise<MigrationPlan> {
  const known = project.record?.migrations ?? {};
  const texts = new Map<string, string>();
  for (const name of project.migrations) {
    const text = await readIfThere(`${project.folder}/${migrationsFolder}/${name}`);
    if (text !== undefined) texts.set(name, text);
  }
  const recorded = new Set(Object.values(known).map(({ file }) => file));
  const findLeftOver = ({ name, text }: CheckoutMigration) =>
    [...texts].find(([file, present]) =>
      !recorded.has(file) && withoutVersion(file) === withoutVersion(name) &&
      hashText(present) === hashText(text)
    )?.[0];

  const plan: MigrationPlan = { record: {}, writes: [], added: [], removed: [], edited: [] };
  const missing: CheckoutMigration[] = [];
  for (const migration of wanted) {
    const file = known[migration.name]?.file ?? findLeftOver(migration);
    if (file === undefined) {
      missing.push(migration);
      continue;
    }
    const sha256 = known[migration.name]?.sha256 ?? hashText(migration.text);
    plan.record[migration.name] = { file, sha256 };
    const present = texts.get(file);
    if (present !== undefined && hashText(present) !== sha256) {
      plan.edited.push(`${migrationsFolder}/${file}`);
      plan.writes.push({ path: `${migrationsFolder}/${file}`, text: migration.text, isNew: false });
    }
  }
  const names = nameMigrations(missing.map(({ name }) => name), project.migrations, nowMs);
  for (const [index, { name, text }] of missing.entries()) {
    const file = names[index]!;
    plan.record[name] = { file, sha256: hashText(text) };
    plan.writes.push({ path: `${migrationsFolder}/${file}`, text, isNew: true });
    plan.added.push(file);
  }
  const stays = new Set(wanted.map(({ name }) => name));
  for (const [name, { file, sha256 }] of Object.entries(known)) {
    if (stays.has(name)) continue;
    const present = texts.get(file);
    if (present === undefined) continue;
    if (hashText(present) !== sha256) plan.edited.push(`${migrationsFolder}/${file}`);
    plan.removed.push(file);
  }
  return plan;
}
