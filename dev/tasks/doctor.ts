/** `deno task doctor [project URL]`: what a project's doctor and its ledger say, in a terminal. */
import { parseArgs } from "node:util";
import { CatalogueError, findProject } from "../catalogue/project-address.ts";
import { readWidth } from "../demo/terminal.ts";
import { describeState } from "../doctor/print.ts";
import { DoctorError, readProjectState } from "../doctor/read-state.ts";

const usage = `Usage: deno task doctor [project URL] [--days <n>] [--json]

Prints the doctor's findings, and of the last days (14, at most 90) spending, latency,
denials, the cache and the models; then the embedding spaces. The secret is read from
SUPABASE_SECRET_KEY; without a URL the project is SUPABASE_URL's, or the local stack. Exits with
1 when a check fails.`;

const MAX_DAYS = 90;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        days: { type: "string", default: "14" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    const days = Number(values.days);
    if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS) {
      throw new DoctorError(`--days is "${values.days}", not a whole number from 1 to ${MAX_DAYS}`);
    }
    const [url] = positionals;
    const environment = Deno.env.toObject();
    const project = await findProject(url ? { ...environment, SUPABASE_URL: url } : environment);
    const state = await readProjectState(project, days);
    console.log(
      values.json
        ? JSON.stringify(state, null, 2)
        : describeState(state, Math.min(readWidth(), 110)).join("\n"),
    );
    const isFailing = state.functions.some(({ checks }) =>
      checks.some(({ status }) => status === "failed")
    );
    return isFailing || state.days === null ? 1 : 0;
  } catch (error) {
    if (!(error instanceof DoctorError || error instanceof CatalogueError)) {
      console.error(`${(error as Error).message}\n\n${usage}`);
    } else console.error(error.message);
    return 1;
  }
}
