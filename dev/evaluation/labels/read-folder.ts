import { join } from "node:path";
import { countOf } from "../../../supabase/functions/_shared/client/count-of.ts";
import { EvaluationError } from "../errors.ts";
import type { Labels } from "../answers/answer-line.ts";
import type { ReadLabels } from "./labelled-picture.ts";
import { parseLabel } from "./parse-label.ts";

/**
 * Reads a folder of folders, each named by the family of the pictures in it. What lies in a further folder
 * below was taken of one thing: `wood/board-7/left.jpg` and `wood/board-7/right.jpg` are one source.
 *
 * @throws {EvaluationError} when there is no such folder, or no folder in it
 */
export async function readFolder(path: string): Promise<ReadLabels> {
  const read: ReadLabels = { pictures: [], problems: [] };
  const entries = await listEntries(path);
  if (!entries.some(({ isDirectory }) => isDirectory)) {
    throw new EvaluationError(
      `"${path}" has no folders named by a family, such as "wood"; or name a CSV`,
    );
  }
  for (const { name, isDirectory } of entries) {
    if (!isDirectory) {
      read.problems.push({ place: name, problem: "lies in no folder of a family" });
      continue;
    }
    const files = await listFiles(join(path, name));
    const parsed = parseLabel("family", name);
    if ("problem" in parsed) {
      read.problems.push({
        place: `${name}/`,
        problem: `(${countOf(files.length, "file")}): ${parsed.problem}`,
      });
      continue;
    }
    for (const file of files) {
      const [folder, ...rest] = file.split("/");
      read.pictures.push({
        file: `${name}/${file}`,
        path: join(path, name, file),
        source: `${name}/${rest.length > 0 ? folder : file}`,
        labels: { family: parsed.value } as Labels,
      });
    }
  }
  return read;
}

/** In the order of their names; hidden files are no pictures. */
async function listEntries(path: string): Promise<Deno.DirEntry[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(path));
    return entries.filter(({ name }) => !name.startsWith("."))
      .sort((left, right) => left.name < right.name ? -1 : 1);
  } catch (error) {
    throw new EvaluationError(`Can't read the folder "${path}": ${(error as Error).message}`);
  }
}

/** Paths from the folder, of all folders below. */
async function listFiles(path: string): Promise<string[]> {
  const entries = await listEntries(path);
  const lists = await Promise.all(
    entries.map(async ({ name, isDirectory }) =>
      isDirectory ? (await listFiles(join(path, name))).map((file) => `${name}/${file}`) : [name]
    ),
  );
  return lists.flat();
}
