import assert from "node:assert/strict";
import { PARTS } from "../../../../../supabase/functions/_shared/platform/database/migrations.ts";
import {
  checkChain,
  checkMigrations,
  checkSearch,
} from "../../../../../supabase/functions/semantic-analysis/routes/doctor/database-checks.ts";

const migrationsOf = (applied: string[] | null, deployed: string[] = []) =>
  checkMigrations({ applied, chain: null, calibration: null, search: null }, deployed);

const { semantic_analysis: OURS, material_search: SEARCH } = PARTS;

Deno.test("checkMigrations() is content with the parts that are needed", () => {
  assert.equal(migrationsOf([...OURS]).status, "ok");
  assert.equal(migrationsOf([...OURS, ...SEARCH], ["visual-search"]).status, "ok");
  assert.equal(migrationsOf(null).status, "skipped");
});

Deno.test("checkMigrations() names what is missing of this version, and of a part that is needed", () => {
  const older = migrationsOf(OURS.slice(0, -1));
  assert.equal(older.status, "failed");
  assert.match(older.message, new RegExp(`1 are not applied: ${OURS.at(-1)}$`));
  assert.equal(older.action, "Run: supabase db push --remote");
  const missing = migrationsOf([...OURS], ["visual-search"]);
  assert.equal(missing.status, "failed");
  assert.match(missing.message, /material_search_/);
  // Half of a part, although no function needs it.
  assert.equal(migrationsOf([...OURS, SEARCH[0]!]).status, "failed");
});

Deno.test("checkMigrations() does not take squashed migrations for missing ones", () => {
  for (const left of [[], OURS.slice(-1), [SEARCH.at(-1)!]]) {
    const squashed = migrationsOf(left, ["visual-search"]);
    assert.equal(squashed.status, "warning");
    assert.match(squashed.message, /supabase migration squash/);
    assert.match(squashed.action!, /--dry-run$/);
  }
});

Deno.test("checkMigrations() names those of a newer version", () => {
  const newer = migrationsOf([...OURS, "semantic_analysis_create_tomorrow"]);
  assert.equal(newer.status, "warning");
  assert.match(newer.message, /semantic_analysis_create_tomorrow/);
});

Deno.test("checkSearch() counts the materials that can't be found, by reason", () => {
  assert.equal(checkSearch(null).status, "skipped");
  assert.equal(
    checkSearch({ documents: 3, skipped: 0, skipped_reasons: {}, settings: {} }).status,
    "ok",
  );
  const check = checkSearch({
    documents: 3,
    skipped: 2,
    skipped_reasons: { too_large: 2 },
    settings: {},
  });
  assert.equal(check.status, "warning");
  assert.equal(
    checkSearch({ documents: 1, skipped: 0, skipped_reasons: {}, settings: {} }).message,
    "1 material can be found",
  );
  assert.match(
    check.message,
    /^2 materials could not be indexed \(2 × too_large\); 3 can be found$/,
  );
});

Deno.test("checkSearch() tells of tables that are not followed, and of settings that are gone", () => {
  const state = { documents: 1, skipped: 0, skipped_reasons: {}, settings: {} };
  const swapped = checkSearch({ ...state, unfollowed: ["public.materials_catalog"] });
  assert.equal(swapped.status, "warning");
  assert.match(swapped.message, /^Another table has taken the place of public.materials_catalog:/);
  assert.equal(checkSearch({ ...state, unfollowed: [] }).status, "ok");
  const lost = checkSearch({ ...state, settings: null });
  assert.equal(lost.status, "failed");
  assert.match(lost.action!, /material_search\.settings/);
});

Deno.test("checkChain() says which models answered, and what is wrong with that", () => {
  assert.equal(checkChain(null).status, "skipped");
  assert.equal(
    checkChain({ models: [], problems: [] }).message,
    "No model has answered in the last day",
  );
  const models = [{ model: "vendor/second", answers: 40 }];
  const fine = checkChain({ models, problems: [] });
  assert.deepEqual([fine.status, fine.message], [
    "ok",
    'In the last day "vendor/second" answered 40 times',
  ]);
  const problems = [
    "first_model_never_answers",
    "fallback_always_answers",
    "cache_never_hits",
    "provider_fails",
  ];
  for (const problem of problems) {
    const check = checkChain({ models, problems: [problem] });
    assert.equal(check.status, "warning");
    assert.match(check.action!, /^To do: (set|see) /);
    assert.ok(!check.message.includes(problem), "a code is no sentence");
  }
});
