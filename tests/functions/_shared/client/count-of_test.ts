import assert from "node:assert/strict";
import { countOf } from "../../../../supabase/functions/_shared/client/count-of.ts";

Deno.test("countOf() has the noun in the plural, but for one", () => {
  assert.deepEqual([0, 1, 2].map((count) => countOf(count, "job")), ["0 jobs", "1 job", "2 jobs"]);
});
