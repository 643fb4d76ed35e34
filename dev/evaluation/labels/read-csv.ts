import { basename, dirname, resolve } from "node:path";
import { CsvError, parse } from "csv-parse/sync";
import { countOf } from "../../../supabase/functions/_shared/client/count-of.ts";
import { EvaluationError } from "../errors.ts";
import { LABELLED_PROPERTIES, type LabelledProperty, type Labels } from "../answers/answer-line.ts";
import type { LabelledPicture, LabelProblem, ReadLabels } from "./labelled-picture.ts";
import { parseLabel } from "./parse-label.ts";

/** A record, a note within it included, has hardly more. */
const MOST_LINES = 50;

const QUOTE_NOT_CLOSED = "it is no line of a CSV: a quote is not closed";

/**
 * Reads a CSV with a header: `file`, any of the properties, and `source` where several pictures were taken
 * of one thing. Files are found from the CSV's folder; an empty cell is no label.
 *
 * The fields are separated by commas, semicolons or tabs, whichever the header has.
 *
 * @throws {EvaluationError} when there is no file, no text, no column `file` or no property
 */
export async function readCsv(path: string): Promise<ReadLabels> {
  const name = basename(path);
  const [header = "", ...lines] = (await readText(path, name)).split(/\r\n|\n|\r/);
  const delimiter = [",", ";", "\t"].find((each) => header.includes(each)) ?? ",";
  const columns = parseHeader(header, delimiter, name);
  const problems = toUnusedColumns(columns);
  const pictures: LabelledPicture[] = [];
  const seen = new Map<string, number>();
  const folder = dirname(resolve(path));

  for (let index = 0; index < lines.length;) {
    const line = index + 2;
    const { record, taken } = readRecord(lines, index, { delimiter, fields: columns.length });
    index += taken;
    if (Array.isArray(record) && record.every((field) => field === "")) continue;
    const row = typeof record === "string" ? { problems: [record] } : parseRow(record, columns);
    const first = "file" in row ? seen.get(row.file) : undefined;
    if ("problems" in row || first !== undefined) {
      const problem = "problems" in row
        ? row.problems.join("; ")
        : `"${row.file}" is on line ${first} already`;
      problems.push({ place: `line ${line}`, problem });
      continue;
    }
    seen.set(row.file, line);
    pictures.push({ ...row, path: resolve(folder, row.file) });
  }
  return { pictures, problems };
}

async function readText(path: string, name: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (error) {
    const reason = error instanceof TypeError
      ? "it is not UTF-8, save it as CSV UTF-8"
      : (error as Error).message;
    throw new EvaluationError(`Can't read "${name}": ${reason}`);
  }
}

/**
 * The record that begins on a line, or what is wrong with it, and how many lines it takes. One with a quote
 * that is not closed goes on where following lines make it a whole record; else it spoils its own line alone.
 */
function readRecord(
  lines: readonly string[],
  index: number,
  { delimiter, fields }: { delimiter: string; fields: number },
): { record: string[] | string; taken: number } {
  const record = parseLine(lines[index]!, delimiter);
  if (record !== QUOTE_NOT_CLOSED) return { record, taken: 1 };
  for (let taken = 2; taken <= MOST_LINES && index + taken <= lines.length; taken++) {
    const longer = parseLine(lines.slice(index, index + taken).join("\n"), delimiter);
    if (longer !== QUOTE_NOT_CLOSED) {
      return Array.isArray(longer) && longer.length === fields
        ? { record: longer, taken }
        : { record, taken: 1 };
    }
  }
  return { record, taken: 1 };
}

/** The fields of a text that is one record, or what is wrong with it. */
function parseLine(text: string, delimiter: string): string[] | string {
  try {
    const records = parse(text, { delimiter, relax_column_count: true, trim: true }) as string[][];
    return records.length > 1 ? "it is more than one record" : records[0] ?? [];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === "CSV_QUOTE_NOT_CLOSED") return QUOTE_NOT_CLOSED;
    const reasons: Record<string, string> = {
      CSV_INVALID_CLOSING_QUOTE: "text follows a closing quote",
      INVALID_OPENING_QUOTE: "a quote stands in the middle of a field",
    };
    return `it is no line of a CSV: ${reasons[error.code] ?? error.message}`;
  }
}

function parseHeader(text: string, delimiter: string, name: string): string[] {
  const record = parseLine(text, delimiter);
  if (typeof record === "string") throw new EvaluationError(`"${name}", line 1: ${record}`);
  const columns = record.map((title) => title.toLowerCase());
  if (!columns.includes("file")) {
    throw new EvaluationError(`"${name}" has no column "file" in its first line`);
  }
  if (!columns.some(isProperty)) {
    throw new EvaluationError(
      `"${name}" has no column of a property: ${LABELLED_PROPERTIES.join(", ")}`,
    );
  }
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw new EvaluationError(`"${name}" has two columns "${twice}"`);
  return columns;
}

function toUnusedColumns(columns: readonly string[]): LabelProblem[] {
  return columns.filter((column) => !["file", "source"].includes(column) && !isProperty(column))
    .map((column) => ({ place: "line 1", problem: `the column "${column}" is not used` }));
}

function parseRow(
  record: readonly string[],
  columns: readonly string[],
): Omit<LabelledPicture, "path"> | { problems: string[] } {
  const problems: string[] = [];
  const cells = new Map(columns.map((column, index) => [column, record[index] ?? ""]));
  if (record.length !== columns.length) {
    problems.push(
      `it has ${countOf(record.length, "field")}, the first line has ${columns.length}`,
    );
  }
  const file = cells.get("file") ?? "";
  if (file === "") problems.push("it names no file");
  const labels: Record<string, unknown> = {};
  for (const property of LABELLED_PROPERTIES) {
    const text = cells.get(property) ?? "";
    if (text === "") continue;
    const parsed = parseLabel(property, text);
    if ("problem" in parsed) problems.push(parsed.problem);
    else labels[property] = parsed.value;
  }
  if (problems.length === 0 && Object.keys(labels).length === 0) problems.push("it has no label");
  if (problems.length > 0) return { problems };
  return { file, source: cells.get("source") || file, labels: labels as Labels };
}

function isProperty(column: string): column is LabelledProperty {
  return (LABELLED_PROPERTIES as string[]).includes(column);
}
