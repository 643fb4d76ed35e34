/** Reading text files whose line ends may have been changed by Git. */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** A file to write, by its path below the owner's folder. */
export interface FileChange {
  path: string;
  text: string;
  isNew: boolean;
}

/** The text of a file; undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    // A file stands where a folder of the path would be.
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** SHA-256 of a text in hex; the same for LF and CRLF, which Git exchanges on Windows. */
export function hashText(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}

/** Paths of all files below a folder, relative to it and with `/`; none where the folder is absent. */
export async function listFiles(folder: string, below = ""): Promise<string[]> {
  const paths: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(join(folder, below))) {
      const path = below === "" ? name : `${below}/${name}`;
      if (isDirectory) paths.push(...await listFiles(folder, path));
      else paths.push(path);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return paths.sort();
}
