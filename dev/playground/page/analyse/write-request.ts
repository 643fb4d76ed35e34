/** The request that the page has made, as code for a terminal and for an app. */
import type { Project } from "../project/session.ts";
import type { Question } from "./run.ts";

/** Of the request. */
export interface RequestFacts {
  project: Project;
  /** Of the picture. */
  fileName: string;
  question: Question;
}

/** @param token null for a variable of the shell in its place */
export function toCurl(
  { project, fileName, question, token }: RequestFacts & { token: string | null },
): string {
  // `-F` would send a file for a text that begins with @ or <, and end the text at a semicolon.
  const fields = toFields(question).map(([name, value]) =>
    `  --form-string ${quote(`${name}=${value}`)}`
  );
  const authorization = token
    ? quote(`Authorization: Bearer ${token}`)
    : '"Authorization: Bearer $ACCESS_TOKEN"';
  return [
    `curl ${quote(`${project.url}/functions/v1/semantic-analysis`)}`,
    `  -H ${quote(`apikey: ${project.publishableKey}`)}`,
    `  -H ${authorization}`,
    // A quoted file name, because curl ends an unquoted one at a comma or semicolon.
    `  -F ${quote(`image=@"${fileName.replace(/["\\]/g, "\\$&")}"`)}`,
    ...fields,
  ].join(" \\\n");
}

/** With supabase-js alone; `file` is the picture. */
export function toSupabaseJs({ project, question }: RequestFacts): string {
  const fields = toFields(question).map(([name, value]) =>
    `body.append(${JSON.stringify(name)}, ${JSON.stringify(value)});`
  );
  return `import { createClient } from "@supabase/supabase-js";

const supabase = createClient(
  ${JSON.stringify(project.url)},
  ${JSON.stringify(project.publishableKey)},
);
await supabase.auth.signInAnonymously();

const body = new FormData();
body.append("image", file);
${
    fields.map((field) => `${field}\n`).join("")
  }const { data, error } = await supabase.functions.invoke("semantic-analysis", { body });`;
}

/** As fields of a form. */
function toFields({ analysis_type, prompt, options }: Question): [name: string, value: string][] {
  return [
    ...(analysis_type ? [["analysis_type", analysis_type] as [string, string]] : []),
    ...(prompt ? [["prompt", prompt] as [string, string]] : []),
    ...(Object.keys(options).length > 0
      ? [["options", JSON.stringify(options)] as [string, string]]
      : []),
  ];
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
