/** What is left of the user's limits. */
import { effect, signal } from "@preact/signals";
import type { LimitsResponseBody } from "../../../../supabase/functions/_shared/client/client.ts";
import { supabase, user } from "./session.ts";

/** null until they were read, and where they can't be. */
export const limits = signal<LimitsResponseBody | null>(null);

/** The newest reading's number: an answer to an older one may be of a user who has signed out. */
let newest = 0;

/** An analysis is settled after its response, and one that was stopped when the function has noticed. */
const SETTLED_AFTER_MS = 2_000;

/** Asks for them, and once more where a request is not settled yet; consumes nothing. */
export async function readLimits({ isRepeated = false } = {}): Promise<void> {
  const reading = ++newest;
  if (!supabase.value || !user.value) {
    limits.value = null;
    return;
  }
  const { data } = await supabase.value.functions.invoke<LimitsResponseBody>(
    "semantic-analysis/limits",
    { method: "GET" },
  );
  if (reading !== newest) return;
  limits.value = data;
  if (isRepeated || !data?.concurrent.used) return;
  setTimeout(() => {
    if (reading === newest) void readLimits({ isRepeated: true });
  }, SETTLED_AFTER_MS);
}

effect(() => {
  void user.value?.id;
  void readLimits();
});
