import assert from "node:assert/strict";
import { nameMigrations } from "../../dev/install/migration-names.ts";
import { NOW_MS } from "./folders.ts";

const OURS = ["20200101000000_semantic_analysis_a.sql", "20200101000100_semantic_analysis_b.sql"];

Deno.test("nameMigrations() gives them the time, a second apart", () => {
  assert.deepEqual(nameMigrations(OURS, ["20240101000000_init.sql", "notes.md"], NOW_MS), [
    "20261126120000_semantic_analysis_a.sql",
    "20261126120001_semantic_analysis_b.sql",
  ]);
});

Deno.test("nameMigrations() goes behind an owner's migration of the future", () => {
  assert.deepEqual(nameMigrations(OURS, ["20270101000000_later.sql"], NOW_MS), [
    "20270101000001_semantic_analysis_a.sql",
    "20270101000002_semantic_analysis_b.sql",
  ]);
  // One of this very second.
  assert.equal(
    nameMigrations(OURS, ["20261126120000_now.sql"], NOW_MS)[0],
    "20261126120001_semantic_analysis_a.sql",
  );
});

Deno.test("nameMigrations() takes versions of fewer digits, as long as they sort before", () => {
  assert.equal(
    nameMigrations(OURS, ["0001_init.sql", "0002_more.sql"], NOW_MS)[0],
    "20261126120000_semantic_analysis_a.sql",
  );
});

Deno.test("nameMigrations() refuses where nothing sorts behind the last", () => {
  for (const last of ["9_init.sql", "99999999999999_end.sql", "202611261200000_long.sql"]) {
    assert.throws(() => nameMigrations(OURS, [last], NOW_MS), /No timestamp sorts behind/, last);
  }
});
