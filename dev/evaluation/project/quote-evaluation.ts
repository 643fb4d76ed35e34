import { countPictureTokens } from "../../../supabase/functions/_shared/together-ai/models.ts";
import {
  toExpectation,
  toMarginNanoUsd,
} from "../../../supabase/functions/analyse-catalogue/routes/expectation.ts";
import type { Question } from "./plan-evaluation.ts";
import type { ModelFacts } from "./project.ts";

/** What the questions to one model will cost, in US dollars. */
export interface ModelQuote {
  model: string;
  /** To be asked; the kept ones cost nothing. */
  questions: number;
  kept: number;
  expectedUsd: number;
  /** The expectation with 95 %; null where it is by list prices alone. */
  expectedBetweenUsd: [number, number] | null;
  /** More can't be spent. */
  worstUsd: number;
}

/** What an evaluation will cost. */
export interface EvaluationQuote {
  models: ModelQuote[];
  expectedUsd: number;
  worstUsd: number;
  /** What is left of `PROJECT_USD_PER_MONTH`; questions beyond it are refused. null for no bound. */
  projectLeftUsd: number | null;
}

/**
 * By the sizes of the pictures and, where at least twenty answers of a model are kept, by the length of
 * those: the expectation is that of a catalogue's quote.
 */
export function quoteEvaluation(
  questions: readonly Question[],
  models: readonly ModelFacts[],
  projectLeftUsd: number | null,
): EvaluationQuote {
  const quotes = models.map((facts) =>
    quoteModel(facts, questions.filter((question) => question.facts === facts))
  );
  return {
    models: quotes,
    expectedUsd: sum(quotes.map(({ expectedUsd }) => expectedUsd)),
    worstUsd: sum(quotes.map(({ worstUsd }) => worstUsd)),
    projectLeftUsd,
  };
}

function quoteModel(facts: ModelFacts, questions: readonly Question[]): ModelQuote {
  const asked = questions.filter(({ kept }) => kept === null);
  const { meanNanoUsd, deviation } = toExpectation(
    { usual: NOTHING_SEEN, ledger: { ...NOTHING_SEEN, ...toLengths(questions) } },
    toAnalysisFacts(facts),
    {
      known: 0,
      strata: [{
        pictures: asked.length,
        tokens: asked.flatMap(({ picture: { size } }) =>
          size === null ? [] : [countPictureTokens(...size)]
        ),
      }],
    },
  );
  const worstUsd = asked.length * facts.ceilingUsd;
  const expectedUsd = Math.min(asked.length * meanNanoUsd / 1e9, worstUsd);
  const marginNanoUsd = toMarginNanoUsd(deviation, asked.length);
  const marginUsd = marginNanoUsd && marginNanoUsd / 1e9;
  return {
    model: facts.model,
    questions: asked.length,
    kept: questions.length - asked.length,
    expectedUsd,
    expectedBetweenUsd: marginUsd === null ? null : [
      Math.max(0, expectedUsd - marginUsd),
      Math.min(worstUsd, expectedUsd + marginUsd),
    ],
    worstUsd,
  };
}

const NOTHING_SEEN = {
  analyses: 0,
  known_share: null,
  mean_nano: null,
  deviation_nano: null,
  completion_tokens: null,
};

/** How long the kept answers are. */
function toLengths(questions: readonly Question[]) {
  const lengths = questions.flatMap(({ kept }) => kept?.response.usage.completion_tokens || []);
  return {
    analyses: lengths.length,
    completion_tokens: lengths.length === 0 ? null : sum(lengths) / lengths.length,
  };
}

function toAnalysisFacts(facts: ModelFacts) {
  return {
    ceilingNanoUsd: facts.ceilingUsd * 1e9,
    estimatedNanoUsd: facts.estimatedUsd * 1e9,
    promptVersion: facts.promptVersion,
    textTokens: facts.textTokens,
    maxPictureTokens: facts.maxPictureTokens,
    inputNanoUsd: facts.inputUsdPerMillion * 1_000,
    outputNanoUsd: facts.outputUsdPerMillion * 1_000,
    projectLeftNanoUsd: null,
    perMinute: 0,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
