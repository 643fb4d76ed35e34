/** What the demo prints, in lines that fit the terminal. */
import type {
  AnalysisResponseBody,
  LimitsResponseBody,
} from "../../supabase/functions/_shared/client/contract.ts";
import type { Material } from "../../supabase/functions/_shared/client/material.ts";
import type { SearchResponseBody } from "../../supabase/functions/_shared/client/search/search-contract.ts";
import type { AnalysedCatalogue } from "./catalogue.ts";
import type { DemoPicture } from "./pictures.ts";
import type { TracedLine } from "./search.ts";
import { bold, dim, readWidth, SWATCH_COLUMNS, toSwatch, wrap } from "./terminal.ts";

/** Columns of a label, its indent included. */
const LABEL = 14;

/** Prints a step as it begins. */
export function printProgress(message: string): void {
  print(`· ${message}`, { hanging: 2, style: dim });
}

/** Prints one picture with its analysis. */
export function printAnalysis(
  { name, bytes, colours }: DemoPicture,
  body: AnalysisResponseBody,
  remaining: string,
): void {
  console.log();
  print(`${name}  ${Math.round(bytes.byteLength / 1024)} KB`, { style: bold });
  for (const line of toColourLines(colours)) console.log(line);
  print(body.analysis, { indent: 2 });
  if (body.material) printLabelled("material", toMaterialText(body.material));
  const { method } = body.confidence_detail;
  const confidence = body.confidence === null
    ? `none (method "${method}")`
    : `${body.confidence.toFixed(2)} (method "${method}")`;
  printLabelled("confidence", confidence);
  printLabelled("model", `${body.model_used}, asked for ${body.model_requested}`);
  printLabelled("time", `${body.processing_time_ms} ms`);
  printLabelled("left", remaining);
  for (const warning of body.warnings) printLabelled("warning", warning.message);
}

/** Prints why a picture was not analysed. */
export function printProblem(name: string, problem: string): void {
  console.log();
  print(name, { style: bold });
  print(problem, { indent: 2 });
}

/** Prints what a search by a picture found, and the request's way through the logs. */
export function printSearch(
  { name }: DemoPicture,
  { results, search_metadata: metadata, request_id }: SearchResponseBody,
  trace: readonly TracedLine[],
): void {
  console.log();
  print(`The catalogue, searched with ${name}`, { style: bold });
  for (const { material_name, scores, found_by, metadata } of results) {
    const score = scores.combined_score.toFixed(2);
    print(`${metadata.search_rank}. ${material_name}, score ${score}`, { indent: 2, hanging: 3 });
    print(`by ${found_by.join(", ")}`, { indent: 5, style: dim });
  }
  const { analysis, total_results, search_time_ms } = metadata;
  const remembered = analysis?.cached ? ", remembered" : "";
  printLabelled("found", `${total_results} in ${search_time_ms} ms`);
  printLabelled("model", `${analysis?.model_used ?? "none"}${remembered}`);
  printLabelled("request", request_id);
  for (const { functionName, requestId, status, durationMs } of trace) {
    const id = requestId === request_id ? "" : `, there ${requestId}`;
    printLabelled("log", `${functionName} ${status} in ${Math.round(durationMs)} ms${id}`);
  }
}

/** Prints how one request too many is denied. */
export function printDenial(status: number, problem: string, retryAfter: string): void {
  console.log();
  print(`One request too many: ${status} ${problem}`, { hanging: 2 });
  print(`Retry-After: ${retryAfter} s`, { indent: 2 });
  console.log();
}

/** Prints what became of the pictures in the private bucket. */
export function printCatalogue(
  { names, done, searches }: AnalysedCatalogue,
): void {
  console.log();
  print(`${names.length} pictures in a private bucket, analysed as jobs`, { style: bold });
  printLabelled("jobs", `${done.analysed} analysed, ${done.failed} failed, ${done.ended}`);
  printLabelled("cost", `$${done.cost_usd.toFixed(4)}`);
  for (const { searchedFor, found } of searches) {
    printLabelled("found", `by "${searchedFor}": ${found.join(", ") || "none of them"}`);
  }
}

/** Puts what is left of a caller's day into words: the one limit that the demo uses up. */
export function toRemainingText({ day }: LimitsResponseBody): string {
  return `${day.remaining} of ${day.limit} today`;
}

/** As many colours a line as fit, each with its share. */
function toColourLines(colours: DemoPicture["colours"]): string[] {
  const texts = colours.map(({ hex, share }) => `${hex} ${Math.round(share * 100)} %`);
  const swatches = colours.map(({ hex }) => toSwatch(hex));
  const columns = Math.max(0, ...texts.map(({ length }) => length)) + 2 +
    (swatches[0] ? SWATCH_COLUMNS : 0);
  const perLine = Math.max(1, Math.floor((readWidth() - 2) / columns));
  const lines: string[] = [];
  for (let start = 0; start < texts.length; start += perLine) {
    const cells = texts.slice(start, start + perLine)
      .map((text, index) => swatches[start + index] + text);
    lines.push(`  ${cells.join("  ")}`);
  }
  return lines;
}

/** The properties that are known. */
function toMaterialText(material: Material): string {
  const { family, type, finish, texture, pattern, reflectivity } = material;
  const known = Object.entries({ family, type, finish, texture, pattern, reflectivity })
    .filter(([, value]) => value !== "unknown");
  return known.map(([property, value]) => `${property} ${value}`).join(", ");
}

interface PrintOptions {
  indent?: number;
  hanging?: number;
  style?: (text: string) => string;
}

function print(text: string, { indent = 0, hanging = 0, style = String }: PrintOptions = {}): void {
  const lines = wrap(text, { width: readWidth(), indent, hanging });
  for (const line of lines) console.log(style(line));
}

function printLabelled(label: string, text: string): void {
  const [first, ...rest] = wrap(text, { width: readWidth(), indent: LABEL });
  console.log(dim(`  ${label}`.padEnd(LABEL) + first!.slice(LABEL)));
  for (const line of rest) console.log(dim(line));
}
