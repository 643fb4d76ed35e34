import { limits } from "./limits.ts";

/** What is left of the user's limits, as bars. */
export function Limits() {
  if (!limits.value) return null;
  const { minute, day } = limits.value;
  return (
    <p class="aside">
      Left: {minute.remaining} of {minute.limit} this minute, {day.remaining} of {day.limit} today.
    </p>
  );
}
