import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { CatalogueProgress } from "../../../catalogue/catalogue-progress.ts";
import { Code } from "../parts/code.tsx";
import { formatUsd, formatWait } from "../parts/format.ts";
import { followProgress, problem, progress } from "./progress.ts";

const STATES = ["done", "running", "waiting", "stranded", "failed"] as const;

const STATE_WORDS: Record<typeof STATES[number], string> = {
  done: "done",
  running: "running",
  waiting: "waiting",
  stranded: "whose worker is gone",
  failed: "failed",
};

/** The jobs of the catalogue's analysis, as they get on. */
export function CatalogueRoom() {
  useEffect(followProgress, []);
  return (
    <div class="catalogue">
      <h1 class="title">The catalogue analyses itself</h1>
      {problem.value && <p class="notice is-error" role="alert">{problem.value}</p>}
      {progress.value
        ? <Progress progress={progress.value} />
        : !problem.value && (
          <div class="skeleton" aria-hidden="true">
            <span />
            <span />
            <span />
          </div>
        )}
    </div>
  );
}

function Progress({ progress }: { progress: CatalogueProgress }) {
  const total = STATES.reduce((sum, state) => sum + progress[state], 0);
  if (total === 0) return <Empty />;
  const left = progress.waiting + progress.running + progress.stranded;
  return (
    <>
      <section aria-labelledby="jobs-title" class="jobs">
        <h2 class="visually-hidden" id="jobs-title">Jobs</h2>
        <p class="figure">
          {progress.done.toLocaleString("en")} of {total.toLocaleString("en")}
          <small>pictures analysed</small>
        </p>
        <div class="stack" aria-hidden="true">
          {STATES.filter((state) => progress[state] > 0).map((state) => (
            <span key={state} class={`is-${state}`} style={{ flexGrow: String(progress[state]) }} />
          ))}
        </div>
        <ul class="legend">
          {STATES.map((state) => (
            <li key={state} class={`is-${state}`}>
              <strong>{progress[state].toLocaleString("en")}</strong> {STATE_WORDS[state]}
            </li>
          ))}
        </ul>
      </section>
      <dl class="facts">
        <Fact term="Speed">
          {progress.per_minute.toFixed(1)} a minute
          <small>
            {left === 0
              ? "nothing is left to do"
              : progress.left_seconds === null
              ? "nothing has ended in the last ten minutes"
              : `about ${formatWait(progress.left_seconds * 1_000)} left`}
          </small>
        </Fact>
        <Fact term="Spent">
          {formatUsd(progress.cost_usd)}
          <small>
            {formatUsd(progress.month.spent_usd)} this month without a quote,{" "}
            {progress.month.limit_usd === null
              ? "no limit is set"
              : `of ${formatUsd(progress.month.limit_usd)}`}
          </small>
        </Fact>
        <Fact term="Last run">
          {progress.last_run_at ? new Date(progress.last_run_at).toLocaleString() : "never"}
          {progress.is_paused && <small>Work is paused by the operator</small>}
          {progress.stopped_by && <small>Stopped by {progress.stopped_by}</small>}
        </Fact>
      </dl>
      <Failures failures={progress.failures} />
      {left > 0 && <HowTo title="Work on what is waiting" command="deno task catalogue run" />}
      {progress.failed > 0 && (
        <HowTo title="Have what failed tried again" command="deno task catalogue retry-failed" />
      )}
    </>
  );
}

function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Failures({ failures }: { failures: CatalogueProgress["failures"] }) {
  if (failures.length === 0) return null;
  return (
    <section aria-labelledby="failures-title">
      <h2 class="subtitle" id="failures-title">The last failures</h2>
      <ul class="failures">
        {failures.map(({ id, source, code, error }) => (
          <li key={id}>
            <p>{error ?? "No reason was kept"}</p>
            <p class="aside">
              <code>{source}</code> {code && <code>{code}</code>}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Empty() {
  return (
    <>
      <p class="lead">
        Nothing is waiting. A job is one picture of one material; each is analysed once and paid
        once, whatever is interrupted on the way.
      </p>
      <HowTo
        title="Have the pictures of the catalogue analysed"
        command="deno task catalogue quote   # what it will cost
deno task catalogue run     # asks before it spends anything"
      />
    </>
  );
}

function HowTo({ title, command }: { title: string; command: string }) {
  return (
    <section aria-label={title}>
      <h2 class="subtitle">{title}</h2>
      <Code text={command} />
    </section>
  );
}
