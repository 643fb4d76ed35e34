import type {
  AbsenceReason,
  AnalysisResponseBody,
  ConfidenceMethod,
} from "../../../../supabase/functions/_shared/client/client.ts";
import { formatShare, toWords } from "../parts/format.ts";

const METHODS: Record<ConfidenceMethod, string> = {
  token_logprob: "It is the probability with which the model wrote the family's name.",
  fused:
    "It lies between two figures, weighing both: the probability with which the model wrote the family's name, and the confidence that the model put in its answer.",
  verbalized: "It is the confidence that the model put in its answer.",
  none:
    "Nothing in the answer supports a figure, so there is none. Treat it as absent, not as low.",
};

const REASONS: Record<AbsenceReason, string> = {
  no_figure: "nothing in this answer supports a figure",
  no_map: "no labelled answers of this model have been evaluated yet",
  not_promised: "too few labelled answers bear it out",
  no_alternatives: "the model told no alternatives",
  too_many: "more than half of all families would be in it",
};

/** The confidence, where it is from, and how far it can be believed. */
export function Confidence({ result }: { result: AnalysisResponseBody }) {
  const { confidence, confidence_detail: detail } = result;
  const { method, calibrated: isCalibrated, meets, reason } = detail;
  return (
    <section class="confidence" aria-labelledby="confidence-title">
      <h2 class="overline" id="confidence-title">
        Confidence{confidence !== null && (isCalibrated ? ", calibrated" : ", not calibrated")}
      </h2>
      {confidence === null ? <p class="figure">none</p> : (
        <>
          <p class="figure">{confidence.toFixed(2)}</p>
          <div class={`scale ${isCalibrated ? "" : "is-rough"}`} aria-hidden="true">
            <span style={{ width: `${confidence * 100}%` }} />
          </div>
        </>
      )}
      <p class="confidence-words">
        {METHODS[method]}
        {toRawWords(result)}{" "}
        {confidence !== null && (isCalibrated ? <Calibrated detail={detail} /> : <Rough />)}
      </p>
      {meets !== undefined && (
        <p class="confidence-words">
          {meets
            ? "It meets the precision that you asked for."
            : "It does not meet the precision that you asked for: have a person look at it."}
        </p>
      )}
      {reason?.meets && (
        <p class="confidence-words">
          Whether it meets the precision that you asked for can't be said: {REASONS[reason.meets]}.
        </p>
      )}
      <Candidates result={result} />
    </section>
  );
}

/** What the figure was before it was calibrated or capped; nothing where that is the one shown. */
function toRawWords({ confidence, confidence_detail }: AnalysisResponseBody): string {
  const { raw, calibrated: isCalibrated } = confidence_detail;
  if (raw === null || confidence === null || Math.abs(raw - confidence) < 0.005) return "";
  return isCalibrated
    ? ` It was ${raw.toFixed(2)} before it was calibrated.`
    : ` It was ${raw.toFixed(2)}; not calibrated, no more than ${confidence.toFixed(2)} is shown.`;
}

function Rough() {
  return (
    <>
      Higher is surer, but it is <strong>not the chance of being right</strong>{" "}
      until labelled answers of this model have been evaluated.{" "}
      <a href="evaluating.txt">How to evaluate a model</a>
    </>
  );
}

function Calibrated({ detail }: { detail: AnalysisResponseBody["confidence_detail"] }) {
  const { n = 0, ece, fitted_at: fittedAt } = detail;
  return (
    <>
      Of answers with this figure <strong>about this share is right</strong>, by{" "}
      {n.toLocaleString("en")} labelled ones
      {ece !== undefined && <>, off by {(ece * 100).toFixed(1)} points on average</>}
      {fittedAt && ` (evaluated ${fittedAt.slice(0, 10)})`}.
    </>
  );
}

/** The families that it may be of: a set that holds the right one, or the alternatives as they are. */
function Candidates(
  { result: { candidates, confidence_detail } }: { result: AnalysisResponseBody },
) {
  const { families = {}, reason } = confidence_detail;
  const rows = candidates?.map(({ family, probability }) => [family, probability] as const) ??
    Object.entries(families).toSorted((a, b) => b[1] - a[1]).slice(0, 5);
  if (rows.length < 2) return null;
  return (
    <div class="candidates">
      <h3 class="overline">
        {candidates
          ? "The right family is among these in 95 of 100 answers"
          : "Families that the model weighed"}
      </h3>
      <ul>
        {rows.map(([family, probability]) => (
          <li key={family}>
            <span>{toWords(family)}</span>
            <span class="bar" aria-hidden="true">
              <span style={{ width: `${probability * 100}%` }} />
            </span>
            <span>{formatShare(probability)}</span>
          </li>
        ))}
      </ul>
      {!candidates && reason?.candidates && (
        <p class="aside">No set is promised: {REASONS[reason.candidates]}.</p>
      )}
    </div>
  );
}
