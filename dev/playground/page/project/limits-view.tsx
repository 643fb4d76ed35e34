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
  const monthLeft = month.limit_usd === null ? null : month.limit_usd - month.spent_usd;
  const bars: Bar[] = [
    {
      title: "This minute",
      leftShare: minute.remaining / minute.limit,
      left: `${minute.remaining} of ${minute.limit} left`,
      note: minute.remaining < minute.limit ? `full again in ${formatWait(minute.reset_ms)}` : "",
    },
    {
      title: "Today",
      leftShare: day.remaining / day.limit,
      left: `${day.remaining} of ${day.limit} left`,
      note: `ends in ${formatWait(day.reset_ms)}`,
    },
    {
      title: "At a time",
      leftShare: 1 - concurrent.used / concurrent.limit,
      left: `${concurrent.limit - concurrent.used} of ${concurrent.limit} free`,
      note: "",
    },
    {
      title: "This month",
      leftShare: monthLeft === null ? null : monthLeft / month.limit_usd!,
      left: monthLeft === null
        ? `${formatUsd(month.spent_usd)} spent`
        : `${formatUsd(monthLeft)} of ${formatUsd(month.limit_usd!)} left`,
      note: monthLeft === null ? "no limit of your own" : "",
    },
  ];
  return (
    <section class="limits" aria-labelledby="limits-title">
      <h2 class="overline" id="limits-title">Your limits</h2>
      <ul>
        {bars.map(({ title, leftShare, left, note }) => (
          <li>
            <span class="limit-title">{title}</span>
            <span class="limit-left">{left}</span>
            {leftShare !== null && (
              <span class={`bar ${leftShare < 0.15 ? "is-low" : ""}`} aria-hidden="true">
                <span style={{ width: `${Math.max(0, Math.min(1, leftShare)) * 100}%` }} />
              </span>
            )}
            {note && <small>{note}</small>}
          </li>
        ))}
      </ul>
    </section>
  );
}
