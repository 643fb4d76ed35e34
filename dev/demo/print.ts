/** What the demo prints. */
import { styleText } from "node:util";
import type {
  AnalysisResponseBody,
  LimitsResponseBody,
} from "../../supabase/functions/_shared/client/contract.ts";
import type { Material } from "../../supabase/functions/_shared/client/material.ts";
import type { SearchResponseBody } from "../../supabase/functions/visual-search/request/contract.ts";
import type { DemoPicture } from "./pictures.ts";
import type { TracedLine } from "./search.ts";

const WIDTH = 88;

const isColourful = () => !Deno.noColor && Deno.stdout.isTerminal();

const bold = (text: string) => isColourful() ? styleText("bold", text) : text;
const dim = (text: string) => isColourful() ? styleText("dim", text) : text;

/** Prints a step as it begins. */
export function printProgress(message: string): void {
  console.log(dim(`· ${message}`));
}

/** Prints one picture with the answer about it. */
export function printAnalysis(
  { name, bytes, colours }: DemoPicture,
  body: AnalysisResponseBody,
  remaining: string,
): void {
  console.log(`\n${bold(name)}  ${dim(`${Math.round(bytes.byteLength / 1024)} KB`)}`);
  console.log(`  ${colours.map(toSwatch).join("  ")}`);
  for (const line of wrap(body.analysis, WIDTH - 2)) console.log(`  ${line}`);
  if (body.material) console.log(dim(`  material    ${toMaterialText(body.material)}`));
  const { method } = body.confidence_detail;
  const confidence = body.confidence === null
    ? `none (method "${method}")`
    : `${body.confidence.toFixed(2)} (method "${method}")`;
  console.log(dim(`  confidence  ${confidence}`));
  console.log(dim(`  model       ${body.model_used}, asked for ${body.model_requested}`));
  console.log(dim(`  time        ${body.processing_time_ms} ms`));
  console.log(dim(`  left        ${remaining}`));
  for (const warning of body.warnings) console.log(dim(`  warning     ${warning.message}`));
}

/** Prints what a search by a picture found, and the request's way through the logs. */
export function printSearch(
  { name }: DemoPicture,
  { results, search_metadata: metadata, request_id }: SearchResponseBody,
  trace: readonly TracedLine[],
): void {
  console.log(`\n${bold(`The catalogue, searched with ${name}`)}`);
  for (const { material_name, scores, found_by, metadata } of results) {
    const score = scores.combined_score.toFixed(2);
    console.log(
      `  ${metadata.search_rank}. ${material_name.padEnd(32)} ${score}  ${
        dim(found_by.join(", "))
      }`,
    );
  }
  const { analysis, total_results, search_time_ms } = metadata;
  const remembered = analysis?.cached ? ", remembered" : "";
  console.log(dim(`  found       ${total_results} in ${search_time_ms} ms`));
  console.log(dim(`  model       ${analysis?.model_used ?? "none"}${remembered}`));
  console.log(dim(`  request     ${request_id}`));
  for (const { functionName, requestId, status, durationMs } of trace) {
    const id = requestId === request_id ? "" : `, there ${requestId}`;
    console.log(
      dim(`  log         ${functionName} ${status} in ${Math.round(durationMs)} ms${id}`),
    );
  }
}

/** Puts what is left of a caller's limits into words. */
export function toRemainingText({ minute, day }: LimitsResponseBody): string {
  return `${minute.remaining} of ${minute.burst} now, ${day.remaining} of ${day.limit} today`;
}

/** The properties that are known. */
function toMaterialText(material: Material): string {
  const { family, type, finish, texture, pattern, reflectivity } = material;
  const known = Object.entries({ family, type, finish, texture, pattern, reflectivity })
    .filter(([, value]) => value !== "unknown");
  return known.map(([property, value]) => `${property} ${value}`).join(", ");
}

/** A block of the colour with its share, or its code where the terminal shows no colours. */
function toSwatch({ hex, share }: DemoPicture["colours"][number]): string {
  const percent = `${Math.round(share * 100)} %`;
  if (!isColourful()) return `${hex} ${percent}`;
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `\x1b[48;2;${red};${green};${blue}m      \x1b[0m ${hex} ${percent}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
