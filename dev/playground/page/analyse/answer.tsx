import { describeError } from "../../../../supabase/functions/_shared/client/client.ts";
import { Limits } from "../project/limits-view.tsx";
import { isBusy, type Run, stop } from "./run.ts";
import { MaterialCard } from "./material-card.tsx";

const PHASES: Record<Run["phase"], string> = {
  preparing: "Preparing the picture …",
  waiting: "Asking the model …",
  streaming: "The answer is coming …",
  done: "Done",
  failed: "It did not work",
  stopped: "Stopped",
};

/** What came of the picture so far. */
export function Answer({ run }: { run: Run }) {
  return (
    <section class="answer" aria-label="Analysis">
      <div class="answer-status">
        <p role="status">{PHASES[run.phase]}</p>
        {isBusy(run) && <button class="button" type="button" onClick={stop}>Stop</button>}
      </div>
      {run.text && <p class="description" aria-busy={isBusy(run)}>{run.text}</p>}
      {run.phase === "failed" && (
        <p class="notice is-error" role="alert">{describeError(run.error)}</p>
      )}
      {run.phase === "done" && <MaterialCard result={run.result} run={run} />}
      <Limits />
    </section>
  );
}
