import assert from "node:assert/strict";
import { parseSettings } from "../../../../../supabase/functions/semantic-analysis/settings.ts";
import {
  checkCeiling,
  checkCredentials,
} from "../../../../../supabase/functions/semantic-analysis/routes/doctor/settings-checks.ts";

const ceilingOf = (variables: Record<string, string>) =>
  checkCeiling(parseSettings({ TOGETHER_API_KEY: "k", ...variables }).settings);

Deno.test("checkCeiling() says what a month can cost where nothing is set", () => {
  assert.deepEqual(ceilingOf({}), {
    name: "ceiling",
    status: "ok",
    message: "A month has at most $20; anonymous users together have $1 a day",
  });
});

Deno.test("checkCeiling() warns where there is none, and names the setting", () => {
  const check = ceilingOf({ PROJECT_USD_PER_MONTH: "none", ANONYMOUS_USD_PER_DAY: "none" });
  assert.equal(check.status, "warning");
  assert.match(check.message, /no ceiling; anonymous users have no ceiling/);
  assert.equal(
    check.action,
    "Run: supabase secrets set PROJECT_USD_PER_MONTH=<dollars> ANONYMOUS_USD_PER_DAY=<dollars>",
  );
});

Deno.test("checkCeiling() misses no ceiling of anonymous users who may not call", () => {
  const check = ceilingOf({ ALLOW_ANONYMOUS: "false", ANONYMOUS_USD_PER_DAY: "none" });
  assert.equal(check.status, "ok");
  assert.match(check.message, /anonymous users may not call/);
});

Deno.test("checkCredentials() counts what was not taken; what an operator can mend is a warning", () => {
  const of = (counts: Record<string, number>) => checkCredentials({ read: () => counts });
  assert.equal(of({}).status, "ok");
  const users = of({ expired: 12, missing: 1 });
  assert.equal(users.status, "ok");
  assert.match(users.message, /12 × expired, 1 × missing/);
  assert.equal("action" in users, false);
  const operators = of({ expired: 1, legacy_secret: 3 });
  assert.equal(operators.status, "warning");
  assert.match(operators.action!, /^Move the project to signing keys/);
});
