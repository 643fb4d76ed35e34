/** What is left of the user's limits. */
import { effect, signal } from "@preact/signals";
import type { LimitsResponseBody } from "../../../../supabase/functions/_shared/client/client.ts";
import { supabase, user } from "./session.ts";

/** null until they were read, and where they can't be. */
export const limits = signal<LimitsResponseBody | null>(null);

/** The newest reading's number: an answer to an older one may be of a user who has signed out. */
let newest = 0;

/** Asks for them; consumes nothing. */
export async function readLimits(): Promise<void> {
  const reading = ++newest;
  if (!supabase.value || !user.value) {
    limits.value = null;
    return;
  }
  const { data } = await supabase.value.functions.invoke<LimitsResponseBody>(
    "semantic-analysis/limits",
    { method: "GET" },
  );
  if (reading === newest) limits.value = data;
}

effect(() => {
  void user.value?.id;
  void readLimits();
});
