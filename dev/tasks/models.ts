/**
 * `deno task models`: compares the table of models with the provider's list. The exit code is 0 when
 * they are in step, 1 when the table is behind and 2 when the list can't be had.
 */
import { countOf } from "../../supabase/functions/_shared/client/count-of.ts";
import { MODELS } from "../../supabase/functions/_shared/together-ai/models.ts";
import { compareModels, isTableBehind, type ModelDifferences } from "../models/compare-models.ts";
import { fetchModelList, type ListedModel, type Prices } from "../models/fetch-model-list.ts";
import { runTask, type Task } from "../run-task.ts";
import { readFunctionSettings } from "../stack/settings.ts";

/** Left the serverless catalogue on 2025-08-28; a dedicated endpoint still answers under the name. */
const RETIRED_MODELS = ["meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"];

const TABLE = "supabase/functions/_shared/together-ai/models.ts";

/** The list has hundreds. */
const MAX_UNKNOWN_SHOWN = 20;

const usage = `

Compares the table of models and prices with the list of TOGETHER_BASE_URL, which is asked with
TOGETHER_API_KEY, of .env or the shell. Exits with 1 when the table is behind, with 2 when the list
can't be had.`;

/** `deno task models`. */
export const task: Task<Record<never, never>> = { name: "models", usage, run };

async function run(): Promise<number> {
  const settings = await readFunctionSettings();
  const apiKey = settings.TOGETHER_API_KEY;
  if (apiKey === undefined) {
    console.error("Cannot ask for the list of models: set TOGETHER_API_KEY, in .env or the shell");
    return 2;
  }
  const baseUrl = settings.TOGETHER_BASE_URL ?? "https://api.together.xyz/v1";
  let listed: ListedModel[];
  try {
    listed = await fetchModelList({ baseUrl, apiKey });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  const differences = compareModels({ known: MODELS, retired: RETIRED_MODELS, listed });
  console.log(
    `${baseUrl} lists ${countOf(listed.length, "model")}, the table has ${countEntries()}`,
  );
  console.log(describeDifferences(differences).join("\n"));
  return isTableBehind(differences) ? 1 : 0;
}

function countEntries(): number {
  return Object.keys(MODELS).length;
}

function describeDifferences(differences: ModelDifferences): string[] {
  const { gone, retired, repriced, resized, unknown } = differences;
  const shown = unknown.slice(0, MAX_UNKNOWN_SHOWN);
  return [
    ...section("Gone: remove them, and from the chain too", gone),
    ...section(
      "Repriced, $ per million tokens in/out",
      repriced.map(({ id, known, listed }) =>
        `${id}: ${describePrices(known)} in the table, ${describePrices(listed)} on the list`
      ),
    ),
    ...section(
      "Of another size, tokens of context",
      resized.map(({ id, known, listed }) => `${id}: ${known} in the table, ${listed} on the list`),
    ),
    ...section("Not listed, as is known", retired),
    ...section(
      "Not in the table, newest first (the list doesn't say which of these chat models see pictures)",
      [
        ...shown.map(({ id, prices }) => prices ? `${id}: ${describePrices(prices)}` : id),
        ...(unknown.length > shown.length ? [`and ${unknown.length - shown.length} more`] : []),
      ],
    ),
    "",
    isTableBehind(differences) ? `The table is behind: edit ${TABLE}` : "The table is in step",
  ];
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
}

function describePrices({ inputUsdPerMillion, outputUsdPerMillion }: Prices): string {
  return `${inputUsdPerMillion} / ${outputUsdPerMillion}`;
}

if (import.meta.main) Deno.exit(await runTask(task));
