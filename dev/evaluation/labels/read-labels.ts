import { EvaluationError } from "../errors.ts";
import type { ReadLabels } from "./labelled-picture.ts";
import { readCsv } from "./read-csv.ts";
import { readFolder } from "./read-folder.ts";

/**
 * Reads labels from a folder or a CSV.
 *
 * @throws {EvaluationError} when nothing can be read from it; what is wrong with a part is a problem
 */
export async function readLabels(path: string): Promise<ReadLabels> {
  let isDirectory: boolean;
  try {
    ({ isDirectory } = await Deno.stat(path));
  } catch {
    throw new EvaluationError(`There is no folder or CSV "${path}"`);
  }
  return isDirectory ? await readFolder(path) : await readCsv(path);
}
