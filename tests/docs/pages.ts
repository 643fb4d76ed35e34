/** The pages of documentation, and what stands in them. */
import MarkdownIt from "markdown-it";
import GithubSlugger from "github-slugger";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

/** A page of Markdown. */
export interface Page {
  /** From the project's root. */
  path: string;
  /** What its headings can be linked to by. */
  anchors: Set<string>;
  links: string[];
  blocks: Block[];
}

/** A fenced block of code. */
export interface Block {
  /** Empty where none is named. */
  language: string;
  text: string;
  /** Of its first line in the page. */
  line: number;
}

const markdown = new MarkdownIt();

/** All that git knows. */
export async function readPages(): Promise<Page[]> {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"],
    cwd: projectDirectory,
  }).output();
  const paths = new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "");
  return Promise.all(paths.map(readPage));
}

async function readPage(path: string): Promise<Page> {
  const text = await Deno.readTextFile(`${projectDirectory}/${path}`);
  // A footnote is no link, which it would be taken for.
  const tokens = markdown.parse(text.replaceAll("[^", "\\[^"), {});
  const slugger = new GithubSlugger();
  const page: Page = { path, anchors: new Set(), links: [], blocks: [] };
  tokens.forEach((token, index) => {
    if (token.type === "heading_open") {
      const parts = tokens[index + 1]!.children ?? [];
      page.anchors.add(slugger.slug(parts.map(({ content }) => content).join("")));
    }
    if (token.type === "fence") {
      const language = token.info.split(" ")[0]!;
      page.blocks.push({ language, text: token.content, line: token.map![0] + 1 });
    }
    for (const child of token.children ?? []) {
      const target = child.attrGet("href") ?? child.attrGet("src");
      if (target !== null) page.links.push(decodeURI(String(target)));
    }
  });
  return page;
}
