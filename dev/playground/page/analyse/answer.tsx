import { ErrorNotice } from "../parts/error-notice.tsx";
import { formatMs } from "../parts/format.ts";
import { Confidence } from "./confidence.tsx";
import { Facts } from "./facts.tsx";
import { Feedback } from "./feedback.tsx";
import { MaterialCard } from "./material-card.tsx";
import { RequestCode } from "./request-code.tsx";
import { analyse, isBusy, type Run, stop } from "./run.ts";

const PHASES: Record<Run["phase"], string> = {
  preparing: "Preparing the picture …",
  waiting: "Asking the model …",
  streaming: "The description is coming …",
  done: "",
  failed: "",
  stopped: "Stopped. What the model had written until then may have been paid for.",
};

/** What came of the picture so far. */
export function Answer({ run }: { run: Run }) {
  const isRunning = isBusy(run);
  return (
    <section class="answer" aria-label="Analysis">
      <div class="answer-status">
        <p role="status">
          {isRunning && <span class="pulse" aria-hidden="true" />}
          {run.phase === "done" ? `Done in ${formatMs(run.totalMs)}` : PHASES[run.phase]}
        </p>
        {isRunning && <button class="button is-small" type="button" onClick={stop}>Stop</button>}
      </div>
      {run.phase === "failed" && (
        <ErrorNotice
          error={run.error}
          onRetry={() => analyse(run.picture)}
        />
      )}
      {run.text === ""
        ? isRunning && <Skeleton />
        : <p class="description" aria-busy={isRunning}>{run.text}</p>}
      {run.phase === "done" && (
        <>
          {run.result.material && (
            <MaterialCard
              material={run.result.material}
              measured={run.result.material.palette?.colors ?? run.prepared?.colors ?? []}
            />
          )}
          <p class="similar">
            <a href="#search" onClick={() => searchWith(run.picture)}>Find similar materials</a>
          </p>
          <Confidence result={run.result} />
          <Warnings warnings={run.result.warnings} />
          {run.result.material && (
            <Feedback key={run.result.request_id} requestId={run.result.request_id} />
          )}
          <Facts run={run} />
        </>
      )}
      <RequestCode run={run} />
    </section>
  );
}

/** Opens the search with the picture in it, and begins. */
async function searchWith(picture: File): Promise<void> {
  const { setPicture, startSearch } = await import("../search/search.ts");
  setPicture(picture);
  await startSearch();
}

function Skeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      <span />
      <span />
      <span />
    </div>
  );
}

function Warnings({ warnings }: { warnings: { code: string; message: string }[] }) {
  if (warnings.length === 0) return null;
  return (
    <section aria-labelledby="warnings-title">
      <h2 class="overline" id="warnings-title">Worth knowing</h2>
      <ul class="warnings">
        {warnings.map(({ code, message }) => (
          <li class="notice">
            {message} <code>{code}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
