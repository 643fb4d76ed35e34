/** What an installation will change, decided before anything is written. */
import { type FunctionSettings, toFunctionSettings } from "./function-settings.ts";
import { InstallError } from "./errors.ts";
import { planMigrations, type VersionMigrations } from "./plan-migrations.ts";
import { installedFolder, migrationsFolder, type Project } from "./project.ts";
import { formatRecord, type InstallRecord } from "./record.ts";
import { mainFunction } from "./checkout.ts";
import { type FileChange, hashText } from "./text-files.ts";

/** What shall be there afterwards. */
export interface Wanted {
  version: string;
  functions: string[];
  /** Contents of the installed folder by path below it. */
  files: Map<string, string>;
  migrations: VersionMigrations;
}

/** The changes. */
export interface Plan {
  version: string;
  previousVersion: string | undefined;
  functions: string[];
  removedFunctions: string[];
  writes: FileChange[];
  /** Paths below the owner's folder. */
  removals: string[];
  /** The owner's configuration, as `path: what of it is ours`; undefined where it stays as it is. */
  changedConfig: string | undefined;
  /** Names in `supabase/migrations/`. */
  addedMigrations: string[];
  removedMigrations: string[];
  /** Edited files that `force` replaces or removes. */
  overwritten: string[];
}

/**
 * Compares what is there with what shall be.
 *
 * @param nowMs Unix time in milliseconds, for the names of new migrations
 * @throws {InstallError} when something of the owner's, or an edited file, is in the way
 */
export async function planInstall(
  project: Project,
  wanted: Wanted,
  options: { nowMs: number; force: boolean },
): Promise<Plan> {
  const { record, config } = project;
  checkForeignFunctions(project, wanted);
  checkVersion(record, wanted);
  checkRecord(project, wanted);
  const migrations = await planMigrations(project, wanted.migrations, options.nowMs);
  const settings = toFunctionSettings(wanted.functions);
  const edited = [
    ...findEditedFiles(project, wanted),
    ...migrations.edited,
    ...(isConfigEdited(project, settings) ? [`${config.path} (${config.part})`] : []),
  ];
  if (edited.length > 0 && !options.force) throw explainEdited(edited, record !== undefined);

  const wantedFiles = new Map(wanted.files);
  if (wanted.functions.length > 0) {
    wantedFiles.set(
      "installed.json",
      formatRecord({
        version: wanted.version,
        functions: wanted.functions,
        files: Object.fromEntries([...wanted.files].map(([path, text]) => [path, hashText(text)])),
        config: hashText(config.format(settings)),
        migrations: migrations.record,
      }),
    );
  }
  const configText = config.replace(settings);
  const writes = [
    ...migrations.writes,
    ...planFiles(project, wantedFiles),
    ...(configText === project.configText
      ? []
      : [{ path: config.path, text: configText, isNew: false }]),
  ];
  const obsolete = [...project.installed.keys()]
    .filter((path) => !wantedFiles.has(path) && isKnown(record, path))
    .map((path) => `${installedFolder}/${path}`);
  return {
    version: wanted.version,
    previousVersion: record?.version,
    functions: wanted.functions,
    removedFunctions: record?.functions.filter((name) => !wanted.functions.includes(name)) ?? [],
    writes,
    removals: [...obsolete, ...migrations.removed.map((name) => `${migrationsFolder}/${name}`)],
    changedConfig: configText === project.configText ? undefined : `${config.path}: ${config.part}`,
    addedMigrations: migrations.added,
    removedMigrations: migrations.removed,
    overwritten: edited,
  };
}

const isKnown = (record: InstallRecord | undefined, path: string) =>
  record !== undefined && (path in record.files || path === "installed.json");

function checkForeignFunctions({ ownFunctions }: Project, { functions }: Wanted): void {
  const [foreign, left] = [
    functions.filter((name) => ownFunctions.includes(name)),
    functions.filter((name) => !ownFunctions.includes(name)),
  ];
  if (foreign.length === 0) return;
  const [noun, them] = foreign.length === 1 ? ["a function", "it"] : ["functions", "them"];
  const names = foreign.map((name) => `"${name}"`).join(" and ");
  const wayOut = foreign.includes(mainFunction)
    ? ""
    : `, or leave ${them} out with --only ${left.join(",")}`;
  throw new InstallError(
    `The project has ${noun} ${names} of its own: rename or remove ${them}${wayOut}`,
  );
}

function checkVersion(record: InstallRecord | undefined, { version }: Wanted): void {
  if (record === undefined || compareVersions(record.version, version) <= 0) return;
  throw new InstallError(
    `Version ${record.version} is installed and this is ${version}: install from a newer checkout`,
  );
}

/** Without a record only what is to be written tells which files are ours. */
function checkRecord({ record, installed }: Project, { functions }: Wanted): void {
  if (record !== undefined || functions.length > 0 || installed.size === 0) return;
  throw new InstallError(
    `${installedFolder} has no installed.json, which tells what was installed: install again, which writes it anew, then take it out`,
  );
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  return left!.map((part, index) => part - (right![index] ?? 0)).find((part) => part !== 0) ?? 0;
}

/** Files that are neither as they were installed nor as they will be. */
function findEditedFiles({ installed, record }: Project, { files }: Wanted): string[] {
  const edited: string[] = [];
  for (const [path, text] of installed) {
    if (path === "installed.json") continue;
    const wasInstalled = record?.files[path];
    const isForeign = wasInstalled === undefined;
    // Files that the owner has put beside ours are no concern of ours, unless ours would replace them.
    if (isForeign && record !== undefined && !files.has(path)) continue;
    const hash = hashText(text);
    const wanted = files.get(path);
    if (hash === wasInstalled || wanted !== undefined && hash === hashText(wanted)) continue;
    edited.push(`${installedFolder}/${path}`);
  }
  return edited;
}

function isConfigEdited(
  { config, record }: Project,
  settings: Record<string, FunctionSettings>,
): boolean {
  if (config.ours === undefined) return false;
  const hash = hashText(config.ours);
  return hash !== record?.config && hash !== hashText(config.format(settings));
}

function explainEdited(edited: string[], isInstalled: boolean): InstallError {
  const shown = edited.slice(0, 5).join(", ");
  const rest = edited.length > 5 ? ` and ${edited.length - 5} more` : "";
  return new InstallError(
    isInstalled
      ? `Edited since it was installed: ${shown}${rest}; nothing was changed, --force replaces what was edited`
      : `${installedFolder} is there and not from an installation (${shown}${rest}); nothing was changed, move it away or use --force`,
  );
}

function planFiles({ installed }: Project, files: Map<string, string>): FileChange[] {
  return [...files].flatMap(([path, text]) => {
    const present = installed.get(path);
    if (present !== undefined && hashText(present) === hashText(text)) return [];
    return [{ path: `${installedFolder}/${path}`, text, isNew: present === undefined }];
  });
}
