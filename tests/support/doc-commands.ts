/** The commands of a documentation page, for a test to run them as they stand there. */
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

/**
 * The lines of a section's `sh` blocks, without their comments.
 *
 * @param file path from the project's root
 * @param heading the section's title
 */
export async function readCommands(file: string, heading: string): Promise<string[]> {
  return (await readBlocks(file, heading, "sh")).flatMap((block) => block.split("\n"))
    .map((line) => line.replace(/\s#.*$/, "").trim())
    .filter((line) => line !== "");
}

/** The blocks of a section in a language. */
export async function readBlocks(
  file: string,
  heading: string,
  language: string,
): Promise<string[]> {
  const text = await Deno.readTextFile(`${projectDirectory}/${file}`);
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${file} has no section "${heading}"`);
  const pattern = new RegExp(`^ *\`\`\`${language}\n([^]*?)^ *\`\`\``, "gm");
  return [...section.matchAll(pattern)].map((match) => match[1]!);
}
