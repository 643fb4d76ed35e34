import { z } from "zod";
import { EvaluationError } from "../errors.ts";
import { type AnswerLine, answerLine } from "./answer-line.ts";

/** A line of an evaluation's file, its end included. */
export function toEvaluationLine(line: AnswerLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * Reads the text of an evaluation's file. A last line without its end was cut while it was written and is left
 * out.
 *
 * @param name of the file, for messages
 * @throws {EvaluationError} naming the line and the problem
 */
export function parseEvaluation(text: string, name: string): AnswerLine[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.flatMap((line, index) => line.trim() === "" ? [] : [parseLine(line, index)]);

  function parseLine(line: string, index: number): AnswerLine {
    try {
      return answerLine.parse(JSON.parse(line));
    } catch (error) {
      const problem = error instanceof z.ZodError ? z.prettifyError(error) : "it is not JSON";
      throw new EvaluationError(
        `Line ${index + 1} of "${name}" is no line of an evaluation: ${problem}`,
      );
    }
  }
}

/** @throws {EvaluationError} when the file is missing or a line is no line of an evaluation */
export async function readEvaluation(path: string): Promise<AnswerLine[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new EvaluationError(`There is no evaluation "${path}"`);
    }
    throw new EvaluationError(`Can't read the evaluation "${path}": ${(error as Error).message}`);
  }
  return parseEvaluation(text, path);
}
