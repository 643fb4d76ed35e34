/** What the person who evaluates can put right: an argument, a label, a file, the project. */
export class EvaluationError extends Error {
  override name = "EvaluationError";
}
