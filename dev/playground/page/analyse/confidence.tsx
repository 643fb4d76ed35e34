import type {
  AnalysisResponseBody,
  ConfidenceMethod,
} from "../../../../supabase/functions/_shared/client/client.ts";

const METHODS: Record<ConfidenceMethod, string> = {
  token_logprob: "It is the probability with which the model wrote the family's name.",
  fused:
    "It pools the probability with which the model wrote the family's name with the figure that the model gave itself.",
  verbalized:
    "It is the figure that the model gave itself, capped at 0.75, for models overstate themselves.",
  none:
    "Nothing in the answer supports a figure, so there is none. Treat it as absent, not as low.",
};

/** The confidence, where it is from, and how far it can be believed. */
export function Confidence({ result }: { result: AnalysisResponseBody }) {
  const { confidence, confidence_detail: { method, calibrated } } = result;
  return (
    <section class="confidence" aria-labelledby="confidence-title">
      <h2 class="overline" id="confidence-title">Confidence</h2>
      {confidence === null ? <p class="figure">none</p> : (
        <>
          <p class="figure">{confidence.toFixed(2)}</p>
          <div class={`scale ${calibrated ? "" : "is-rough"}`} aria-hidden="true">
            <span style={{ width: `${confidence * 100}%` }} />
          </div>
        </>
      )}
      <p class="confidence-words">
        {METHODS[method]} {confidence !== null && (calibrated
          ? (
            <>
              It is{" "}
              <strong>calibrated</strong>: of answers with this figure, about this share was right
              among labelled pictures.
            </>
          )
          : (
            <>
              It is{" "}
              <strong>not calibrated</strong>: higher is surer, but it is no chance of being right.
            </>
          ))}
      </p>
    </section>
  );
}
