import type {
  SearchMetadata,
  SearchResult,
  SearchType,
  Strategy,
  Term,
} from "../../../../supabase/functions/_shared/client/search/search-contract.ts";
import { formatMs, formatShare, toWords } from "../parts/format.ts";
import type { Search } from "./search.ts";

const TERM_TITLES: Record<Term, string> = {
  visual_similarity: "looks",
  semantic_relevance: "words",
  material_properties: "properties",
  llama_confidence: "confidence of its analysis",
};

const STRATEGY_WORDS: Record<Strategy, string> = {
  visual_similarity: "it looks alike",
  semantic_relevance: "its words fit",
  material_properties: "its properties fit",
};

const TYPE_WORDS: Record<SearchType, string> = {
  hybrid: "by all that was given",
  semantic_analysis: "by words",
  visual_similarity: "by colours",
  material_properties: "by properties",
};

/** What was found, and why. */
export function Results(
  { response, searchType, isByColour }: Omit<Extract<Search, { state: "found" }>, "state">,
) {
  const { results, search_metadata: metadata } = response;
  return (
    <section class="results" aria-label="Results">
      <p class="results-head">
        <strong>{toCount(metadata)}</strong> {TYPE_WORDS[searchType]}, in{" "}
        {formatMs(metadata.search_time_ms)}
      </p>
      <Remarks metadata={metadata} />
      {results.length === 0
        ? (
          <p class="notice">
            Nothing in the catalogue fits. Try fewer filters or more common words.
            {isByColour && (
              <>
                {" "}
                By colour only materials are found whose pictures have been measured:{" "}
                <code>deno task catalogue --colors</code>
              </>
            )}
          </p>
        )
        : (
          <ol class="result-list">
            {results.map((result) => (
              <Result
                key={result.material_id}
                result={result}
                weights={metadata.fusion_weights_used}
              />
            ))}
          </ol>
        )}
    </section>
  );
}

/** What an eye makes of a distance by CIEDE2000. */
function toDistanceWords(distance: number): string {
  if (distance < 1) return "the same to the eye";
  if (distance < 3) return "told apart side by side alone";
  return distance < 10 ? "near" : "of the same kind";
}

function toCount({ total_results: total, total_relation: relation }: SearchMetadata): string {
  const count = `${relation === "gte" ? "At least " : ""}${total.toLocaleString("en")}`;
  return `${count} ${total === 1 ? "material" : "materials"}`;
}

/** What the search did differently from what was asked. */
function Remarks({ metadata }: { metadata: SearchMetadata }) {
  const { corrections, ignored, degraded, analysis } = metadata;
  const remarks = [
    ...Object.entries(corrections).map(([wrong, right]) =>
      `Nothing has the word “${wrong}”, so “${right}” was searched for.`
    ),
    ...(ignored.length > 0 ? [`Not used by this search: ${ignored.join(", ")}.`] : []),
    ...(degraded ?? []).map(({ message }) => `Searched without the picture: ${message}.`),
    ...(analysis
      ? [
        `Your picture was described by ${analysis.model_used}` +
        `${analysis.cached ? ", from a stored answer" : ""}, and searched for by that.`,
      ]
      : []),
  ];
  if (remarks.length === 0) return null;
  return <ul class="remarks">{remarks.map((remark) => <li key={remark}>{remark}</li>)}</ul>;
}

function Result(
  { result, weights }: { result: SearchResult; weights: Record<Term, number> },
) {
  const { material_name: name, material_type: type, scores, found_by: foundBy, metadata } = result;
  const description = result.visual_analysis.llama_analysis?.detailed_description;
  return (
    <li class="result">
      <span class="result-rank" aria-hidden="true">{metadata.search_rank}</span>
      <div class="result-text">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <p class="aside">
          <bdi>{toWords(type)}</bdi>
        </p>
        {description && <p class="result-description" dir="auto">{description}</p>}
      </div>
      <div class="result-score">
        <p class="figure">{scores.combined_score.toFixed(2)}</p>
        <p class="aside">
          Found because {foundBy.map((each) => STRATEGY_WORDS[each]).join(" and ")}
        </p>
        {scores.color_distance !== null && (
          <p class="aside">
            Its colours are {toDistanceWords(scores.color_distance)} (ΔE{" "}
            {scores.color_distance.toFixed(1)})
          </p>
        )}
        <details class="disclosure">
          <summary>How the score comes about</summary>
          <ScoreTable scores={scores} weights={weights} />
          <p class="aside">
            The score is the sum of each part times its weight; 1 fits in every part. An analysis
            without a confidence is scored by the other parts alone.
          </p>
          {scores.color_distance !== null && (
            <p class="aside">
              ΔE is how far two colours are apart to the eye (CIEDE2000): below 1 no difference is
              seen, from 10 on they are different shades.
            </p>
          )}
        </details>
      </div>
    </li>
  );
}

/** The weighted terms that the combined score is the sum of. */
function ScoreTable(
  { scores, weights }: { scores: SearchResult["scores"]; weights: Record<Term, number> },
) {
  const terms: [Term, number | null][] = [
    ["visual_similarity", scores.visual_similarity_score],
    ["semantic_relevance", scores.semantic_relevance_score],
    ["material_properties", scores.material_property_score],
    ["llama_confidence", scores.confidence_score],
  ];
  const used = terms.filter(([term]) => weights[term] > 0);
  return (
    <table class="score-table">
      <thead>
        <tr>
          <th scope="col">by</th>
          <th scope="col">score</th>
          <th scope="col">weight</th>
        </tr>
      </thead>
      <tbody>
        {used.map(([term, score]) => (
          <tr key={term}>
            <th scope="row">{TERM_TITLES[term]}</th>
            <td>
              <span class="bar" aria-hidden="true">
                <span style={{ width: `${(score ?? 0) * 100}%` }} />
              </span>
              {score === null ? "none" : score.toFixed(2)}
            </td>
            <td>{formatShare(weights[term])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
