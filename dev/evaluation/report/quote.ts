import { countOf } from "../../../supabase/functions/_shared/client/count-of.ts";
import { toBar } from "../../demo/terminal.ts";
import type { EvaluationProgress } from "../project/run-evaluation.ts";
import type { EvaluationQuote } from "../project/quote-evaluation.ts";
import { toTable, toUsd } from "./text.ts";

/** A quote in lines. */
export function describeEvaluationQuote(quote: EvaluationQuote): string[] {
  return [
    ...toTable(
      ["model", "to ask", "kept", "expected (95 %)", "at worst"],
      quote.models.map(({ model, questions, kept, expectedUsd, expectedBetweenUsd, worstUsd }) => [
        model,
        String(questions),
        String(kept),
        questions === 0 || expectedBetweenUsd === null
          ? toUsd(expectedUsd)
          : `${toUsd(expectedUsd)} (${expectedBetweenUsd.map(toUsd).join("–")})`,
        toUsd(worstUsd),
      ]),
    ),
    `expected ${toUsd(quote.expectedUsd)}, at worst ${toUsd(quote.worstUsd)}; never more`,
    ...(quote.projectLeftUsd === null ? [] : [
      `${
        toUsd(quote.projectLeftUsd)
      } are left of PROJECT_USD_PER_MONTH; what is beyond it is refused`,
    ]),
  ];
}

/** One line for a terminal. */
export function toEvaluationBar(
  { questions, answered, failed, spentUsd }: EvaluationProgress,
  budgetUsd: number,
): string {
  const ended = answered + failed;
  return toBar(
    ended,
    questions,
    failed > 0 ? countOf(failed, "failure") : "",
    `${toUsd(spentUsd)} of ${toUsd(budgetUsd)}`,
  );
}
