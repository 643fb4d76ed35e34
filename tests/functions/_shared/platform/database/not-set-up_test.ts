import assert from "node:assert/strict";
import { toNotConfigured } from "../../../../../supabase/functions/_shared/platform/database/not-set-up.ts";

Deno.test("toNotConfigured() knows a missing function and a schema that is not exposed, and no other error", () => {
  const missing = toNotConfigured({ code: "PGRST202" }, "The search's");
  assert.deepEqual([missing?.code, missing?.message], [
    "NOT_CONFIGURED",
    "The search's database migration is missing",
  ]);
  const hidden = toNotConfigured({ code: "PGRST106" }, "The search's");
  assert.deepEqual([hidden?.code, hidden?.message], [
    "NOT_CONFIGURED",
    "The project's Data API does not expose the schema public",
  ]);
  assert.equal(toNotConfigured({ code: "57014" }, "The search's"), null);
  assert.equal(toNotConfigured({}, "The search's"), null);
});
