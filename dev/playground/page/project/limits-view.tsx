import { formatUsd, formatWait } from "../parts/format.ts";
import { limits } from "./limits.ts";

interface Bar {
  title: string;
  /** In [0, 1]; null where there is no limit. */
  leftShare: number | null;
  left: string;
  note: string;
}

/** What is left of the user's limits, as bars. */
export function Limits() {
  if (!limits.value) return null;
  const { minute, day, concurrent, month } = limits.value;
  // A limit that was lowered may be below what is in use.
  const free = Math.max(0, concurrent.limit - concurrent.used);
  const monthLeft = month.limit_usd === null
    ? null
    : Math.max(0, month.limit_usd - month.spent_usd);
  const bars: Bar[] = [
    {
      title: "This minute",
      // A minute holds as many as may come at once, which need not be as many as come in one.
      leftShare: toShare(minute.remaining, minute.burst),
      left: `${minute.remaining} of ${minute.burst} left`,
      note: minute.remaining < minute.burst ? `full again in ${formatWait(minute.reset_ms)}` : "",
    },
    {
      title: "Today",
      leftShare: toShare(day.remaining, day.limit),
      left: `${day.remaining} of ${day.limit} left`,
      note: `ends in ${formatWait(day.reset_ms)}`,
    },
    {
      title: "At a time",
      leftShare: toShare(free, concurrent.limit),
      left: `${free} of ${concurrent.limit} free`,
      note: "",
    },
    {
      title: "This month",
      leftShare: monthLeft === null ? null : toShare(monthLeft, month.limit_usd!),
      left: monthLeft === null
        ? `${formatUsd(month.spent_usd)} spent`
        : `${formatUsd(monthLeft)} of ${formatUsd(month.limit_usd!)} left`,
      note: monthLeft === null ? "no limit of your own" : "",
    },
  ];
  return (
    <section class="limits" aria-labelledby="limits-title">
      <h2 class="overline" id="limits-title">Your limits for analyses</h2>
      <ul>
        {bars.map(({ title, leftShare, left, note }) => (
          <li>
            <span class="limit-title">{title}</span>
            <span class="limit-left">{left}</span>
            {leftShare !== null && (
              <span class={`bar ${leftShare < 0.15 ? "is-low" : ""}`} aria-hidden="true">
                <span style={{ width: `${leftShare * 100}%` }} />
              </span>
            )}
            {note && <small>{note}</small>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** In [0, 1]; of a limit of nothing, nothing is left. */
function toShare(left: number, limit: number): number {
  return limit > 0 ? Math.min(1, left / limit) : 0;
}
