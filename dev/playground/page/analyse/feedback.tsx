import { useSignal } from "@preact/signals";
import {
  type Correction,
  describeError,
  MATERIAL_LIMITS,
  MATERIAL_VOCABULARY,
  sendFeedback,
  type Verdict,
} from "../../../../supabase/functions/_shared/client/client.ts";
import { toWords } from "../parts/format.ts";
import { supabase } from "../project/session.ts";

type State =
  | { phase: "asked" | "correcting" | "sending" | "thanked" }
  | { phase: "failed"; error: unknown };

/** Whether the answer is right, and what it should have said. */
export function Feedback({ requestId }: { requestId: string }) {
  const state = useSignal<State>({ phase: "asked" });
  const send = async (verdict: Verdict, correction?: Correction) => {
    state.value = { phase: "sending" };
    try {
      await sendFeedback(supabase.value!, {
        request_id: requestId,
        verdict,
        ...(correction && { correction }),
      });
      state.value = { phase: "thanked" };
    } catch (error) {
      state.value = { phase: "failed", error };
    }
  };
  const { phase } = state.value;
  return (
    <section class="feedback" aria-labelledby="feedback-title">
      <h2 class="overline" id="feedback-title">Is that right?</h2>
      {phase === "thanked"
        ? (
          <p role="status">
            Thank you. It changes no figure by itself: an operator looks at it first.
          </p>
        )
        : (
          <div class="row">
            <button
              class="button is-small"
              type="button"
              disabled={phase === "sending"}
              onClick={() => send("right")}
            >
              Right
            </button>
            <button
              class="button is-small"
              type="button"
              disabled={phase === "sending"}
              aria-expanded={phase === "correcting"}
              onClick={() => state.value = { phase: "correcting" }}
            >
              Wrong
            </button>
          </div>
        )}
      {phase === "correcting" && <CorrectionForm onSend={(given) => send("wrong", given)} />}
      {state.value.phase === "failed" && (
        <p class="notice is-error" role="alert">{describeError(state.value.error)}</p>
      )}
    </section>
  );
}

function CorrectionForm({ onSend }: { onSend: (correction?: Correction) => void }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const family = String(fields.get("family")) as Correction["family"];
    const type = String(fields.get("type")).trim();
    const correction = { ...(family && { family }), ...(type && { type }) };
    onSend(Object.keys(correction).length > 0 ? correction : undefined);
  };
  return (
    <form class="correction" onSubmit={submit}>
      <label class="field">
        <span>It is</span>
        <select name="family">
          <option value="">I can't say</option>
          {MATERIAL_VOCABULARY.family.filter((family) => family !== "unknown").map((family) => (
            <option key={family} value={family}>{toWords(family)}</option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>More exactly</span>
        <input name="type" maxLength={MATERIAL_LIMITS.type} placeholder="such as white oak" />
      </label>
      <button class="button is-small" type="submit">Send</button>
    </form>
  );
}
