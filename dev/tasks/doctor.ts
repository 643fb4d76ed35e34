/** `deno task doctor [project URL]`: what a project's doctor and its ledger say, in a terminal. */
import { CatalogueError, findProject } from "../catalogue/project-address.ts";
import { readWidth } from "../demo/terminal.ts";
import { describeState } from "../doctor/print.ts";
import { DoctorError, readProjectState } from "../doctor/read-state.ts";
import { runTask, type Task, toCount, UsageError } from "../run-task.ts";

const usage = ` [project URL] [--days <n>] [--json]

Prints the doctor's findings, and of the last days (14, at most 90) spending, latency,
denials, the cache and the models; then the embedding spaces. The secret is read from
SUPABASE_SECRET_KEY; without a URL the project is SUPABASE_URL's, or the local stack. Exits with
1 when a check fails.`;

const MAX_DAYS = 90;

const options = {
  days: { type: "string" },
  json: { type: "boolean" },
} as const;

/** `deno task doctor`. */
export const task: Task<typeof options> = {
  name: "doctor",
  usage,
  options,
  takes: [0, 1],
  expects: [DoctorError, CatalogueError],
  async run({ days = "14", json }, [url]) {
    if (url !== undefined && !URL.canParse(url)) throw new UsageError(`"${url}" is no URL`);
    const environment = Deno.env.toObject();
    const project = await findProject(url ? { ...environment, SUPABASE_URL: url } : environment);
    const state = await readProjectState(project, toCount("--days", days, MAX_DAYS));
    console.log(
      json
        ? JSON.stringify(state, null, 2)
        : describeState(state, Math.min(readWidth(), 110)).join("\n"),
    );
    const isFailing = state.functions.some(({ checks }) =>
      checks.some(({ status }) => status === "failed")
    );
    return isFailing || state.days === null ? 1 : 0;
  },
};

if (import.meta.main) Deno.exit(await runTask(task));
