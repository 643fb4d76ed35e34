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
  /** That are not recorded yet, whether they are there already or not. */
  added: string[];
  removed: string[];
  edited: string[];
}

/** The migrations of a version. */
export interface VersionMigrations {
  /** All that it has. */
  all: readonly CheckoutMigration[];
  /** Those of them that shall be there. */
  wanted: readonly CheckoutMigration[];
}

/**
 * A migration that was installed once is not installed again: the owner may have applied and then
 * squashed it. One that has no record, or was given another timestamp, is recognised by its contents.
 *
 * @param nowMs Unix time in milliseconds, for the names of new ones
 */
export async function planMigrations(
  project: Project,
  { all, wanted }: VersionMigrations,
  nowMs: number,
): Promise<MigrationPlan> {
  const known = project.record?.migrations ?? {};
  const recorded = new Set(Object.values(known).map(({ file }) => file));
  const texts = await readOurs(project, all, recorded);
  const findLeftOver = ({ name, text }: CheckoutMigration): string[] =>
    [...texts].filter(([file, present]) =>
      !recorded.has(file) && withoutVersion(file) === withoutVersion(name) &&
      hashText(present) === hashText(text)
    ).map(([file]) => file);
  const isEdited = ({ file, sha256 }: { file: string; sha256: string }) =>
    texts.has(file) && hashText(texts.get(file)!) !== sha256;
  // `supabase migration squash` puts all migrations, the owner's too, into the last and removes the others.
  const isSquashed = [...recorded].some((file) => !texts.has(file));

  const plan: MigrationPlan = { record: {}, writes: [], added: [], removed: [], edited: [] };
  const missing: CheckoutMigration[] = [];
  for (const migration of wanted) {
    const [leftOver] = findLeftOver(migration);
    const present = known[migration.name] ??
      (leftOver === undefined ? undefined : { file: leftOver, sha256: hashText(migration.text) });
    if (present === undefined) {
      missing.push(migration);
      continue;
    }
    plan.record[migration.name] = present;
    // Written by a run that was interrupted before it could tell what comes next.
    if (known[migration.name] === undefined) plan.added.push(present.file);
    if (isEdited(present) && !isSquashed) {
      const path = `${migrationsFolder}/${present.file}`;
      plan.edited.push(path);
      plan.writes.push({ path, text: migration.text, isNew: false });
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
  for (const [name, migration] of Object.entries(known)) {
    if (stays.has(name) || !texts.has(migration.file)) continue;
    if (isEdited(migration)) {
      if (isSquashed) continue;
      plan.edited.push(`${migrationsFolder}/${migration.file}`);
    }
    plan.removed.push(migration.file);
  }
  plan.removed.push(
    ...all.filter(({ name }) => !stays.has(name)).flatMap((each) => findLeftOver(each)),
  );
  plan.removed.sort();
  return plan;
}

/** Texts by file name of what is recorded, and of what is named like a migration of this project's. */
async function readOurs(
  { folder, migrations }: Project,
  all: readonly CheckoutMigration[],
  recorded: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const ours = new Set(all.map(({ name }) => withoutVersion(name)));
  const texts = new Map<string, string>();
  for (const name of migrations) {
    if (!recorded.has(name) && !ours.has(withoutVersion(name))) continue;
    const text = await readIfThere(`${folder}/${migrationsFolder}/${name}`);
    if (text !== undefined) texts.set(name, text);
  }
  return texts;
}
