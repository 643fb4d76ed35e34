/** The schema of the search: who may call and read what, whatever a database grants by default. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { apply, openGuestDatabase, readParts } from "./guest.ts";
import { runAs } from "./search-as.ts";

/** Of the functions that decide on more than what their caller may read. */
const DEFINERS_FOR_USERS = [
  "are_named",
  "catch_up",
  "compare_embeddings",
  "filter_materials",
  "find_by_items",
  "find_compounds",
  "find_having",
  "find_in_order",
  "find_known",
  "find_matching",
  "find_nearest",
  "find_resembling",
  "find_sample",
  "is_found_readable",
  "rank_colors",
  "rank_materials",
  "read_searched_space",
  "read_settings",
  "read_space",
  "sort_found",
  "to_items",
  "to_text_query",
];

const API = {
  authenticated: ["material_search_find_materials"],
  service_role: [
    "material_search_change_settings",
    "material_search_clean_up",
    "material_search_create_space",
    "material_search_delete_space",
    "material_search_find_materials",
    "material_search_find_missing_embeddings",
    "material_search_learn_cut_off",
    "material_search_list_pictures",
    "material_search_read_spaces",
    "material_search_read_state",
    "material_search_refresh_documents",
    "material_search_store_embedding",
    "material_search_store_embeddings",
    "material_search_store_palette",
    "material_search_switch_space",
    "material_search_write_history",
  ],
};

async function listFunctions(sql: postgres.Sql) {
  return await sql`
    select proname, pronamespace::regnamespace::text as schema, prosecdef, proconfig,
      proacl::text as acl, obj_description(oid, 'pg_proc') as comment,
      array(
        select role from unnest('{anon,authenticated,service_role}'::text[]) role
        where has_function_privilege(role, oid, 'execute')
      ) as callers
    from pg_proc
    where pronamespace = 'material_search'::regnamespace
      or (pronamespace = 'public'::regnamespace and proname like 'material\\_search\\_%')`;
}

async function expectGrants(sql: postgres.Sql) {
  const functions = await listFunctions(sql);
  assert.deepEqual(functions.filter(({ callers }) => callers.includes("anon")), []);
  const called = (schema: string, role: string, isDefiner?: boolean) =>
    functions.filter((one) =>
      one.schema === schema && one.callers.includes(role) &&
      (isDefiner === undefined || one.prosecdef === isDefiner)
    ).map(({ proname }) => proname).toSorted();
  assert.deepEqual(called("material_search", "authenticated", true), DEFINERS_FOR_USERS);
  assert.deepEqual(called("material_search", "service_role", true), DEFINERS_FOR_USERS);
  assert.deepEqual(called("public", "authenticated"), API.authenticated);
  assert.deepEqual(called("public", "service_role"), API.service_role);
  const granted = await sql`
    select c.oid::regclass::text as name, role, privilege
    from pg_class c, unnest('{anon,authenticated,service_role}'::text[]) role,
      unnest('{select,insert,update,delete,truncate,trigger,references}'::text[]) privilege
    where (c.relnamespace = 'material_search'::regnamespace
        or c.oid in ('public.materials_catalog'::regclass, 'public.material_visual_analysis'::regclass,
          'public.material_search_history'::regclass))
      and c.relkind in ('r', 'v') and has_table_privilege(role, c.oid, privilege)
    order by 1, 2, 3`;
  const grants = Object.groupBy(granted, ({ name, role }) => `${name} ${role}`);
  assert.deepEqual(
    Object.fromEntries(
      Object.entries(grants).map(([key, some]) => [key, some!.map(({ privilege }) => privilege)]),
    ),
    {
      "material_search.history authenticated": ["delete", "select"],
      "material_search.history service_role": ["delete", "select"],
      "material_search_history authenticated": ["delete", "select"],
      "material_search_history service_role": ["delete", "select"],
      "material_visual_analysis authenticated": ["select"],
      "material_visual_analysis service_role": ["delete", "insert", "select", "update"],
      "materials_catalog authenticated": ["delete", "select"],
      "materials_catalog service_role": ["delete", "insert", "select", "update"],
    },
  );
}

Deno.test("functions of the search: comments, search paths of their own, no caller by default", async () => {
  await using database = await openTestDatabase();
  // They read or write an application's tables, whose policies and triggers ask functions that often
  // name tables without a schema.
  const meetsPolicies = new Set([
    ...[
      "find_and_choose",
      "find_colors",
      "is_found",
      "read_first",
      "read_by_items",
      "read_found",
      "rank_readable",
      "read_results",
      "to_readable_analysis",
      "count_categories",
      "choose_scored",
      "read_sample",
    ],
    ...["read_materials", "read_analyses", "is_readable", "forget_user", "forget_analyses"],
    "to_findable",
  ]);
  for (const { proname, proconfig, acl, comment } of await listFunctions(database.connect())) {
    const path = meetsPolicies.has(proname) ? "pg_catalog, public, extensions, pg_temp" : '""';
    assert.ok(proconfig?.includes(`search_path=${path}`), proname);
    assert.ok(acl !== null && !/[{,]=X/.test(acl), `${proname}: ${acl}`);
    assert.ok(comment, proname);
  }
});

Deno.test("users and services may call and read what the lists say, and no more", async () => {
  await using database = await openTestDatabase();
  await expectGrants(database.connect());
});

Deno.test("a database that grants everything by default grants nothing more of the search", async () => {
  const { limits, search } = await readParts();
  await using guest = await openGuestDatabase({ hasLimits: false });
  await guest.sql.unsafe(
    ["tables", "functions", "sequences", "schemas"]
      .map((kind) =>
        `alter default privileges grant all on ${kind} to anon, authenticated, service_role;`
      )
      .join("\n"),
  );
  await apply(guest.sql, [...limits, ...search]);
  await expectGrants(guest.sql);
});

Deno.test("tables of the search: comments, row level security, no reader", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const uncommented = await sql`
    select attrelid::regclass::text || '.' || attname as name
    from pg_attribute join pg_class c on c.oid = attrelid
    where relkind = 'r' and attnum > 0 and not attisdropped
      and (relnamespace = 'material_search'::regnamespace or relname in
        ('materials_catalog', 'material_visual_analysis'))
      and col_description(attrelid, attnum) is null`;
  assert.deepEqual([...uncommented], []);
  const open = await sql`
    select relname from pg_class
    where relnamespace = 'material_search'::regnamespace and relkind = 'r' and not relrowsecurity`;
  assert.deepEqual([...open], []);
  for (const role of ["authenticated", "service_role"] as const) {
    for (const table of ["documents", "pending", "skipped", "settings", "vocabulary"]) {
      await assert.rejects(
        runAs(
          sql,
          { role },
          (transaction) => transaction.unsafe(`select from material_search.${table}`),
        ),
        /permission denied/,
      );
    }
  }
});
