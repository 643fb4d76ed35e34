/** What is left of the user's limits. */
import { effect, signal } from "@preact/signals";
import type { LimitsResponseBody } from "../../../../supabase/functions/_shared/client/client.ts";
import { supabase, user } from "./session.ts";

/** null until they were read, and where they can't be. */
export const limits = signal<LimitsResponseBody | null>(null);

/** Asks for them; consumes nothing. */
export async function readLimits(): Promise<void> {
  if (!supabase.value || !user.value) {
    limits.value = null;
    return;
  }
  const { data } = await supabase.value.functions.invoke<LimitsResponseBody>(
    "semantic-analysis/limits",
    { method: "GET" },
  );
  limits.value = data;
}

effect(() => {
  void user.value?.id;
  void readLimits();
});
