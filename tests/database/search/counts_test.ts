/** How many materials a search finds for its caller, where they are too many to be looked up one by one. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { ALICE, alice, type As, bob, runAs, service } from "./search-as.ts";

const BOARDS = 2_200;

/** 2,200 oak boards that all may see, every tenth of them in the category `tenth`, and 100 of `alice`. */
async function openCatalogue() {
  const database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`
    insert into public.materials_catalog (name, category)
    select 'Oak board', case when n % 10 = 0 then 'tenth' else 'wood' end from generate_series(1, ${BOARDS}::int) n`;
  await sql`
    insert into public.materials_catalog (name, category, visibility, created_by)
    select 'Oak veneer', 'wood', 'private', ${ALICE} from generate_series(1, 100)`;
  await sql`select public.material_search_refresh_documents()`;
  return { sql, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

/** What is counted in a transaction that first makes a change, as the owner, and is undone. */
async function countAfter(sql: postgres.Sql, as: As, change: string) {
  return await runAs(sql, as, async (transaction) => {
    const count = async (search: string) => {
      const [{ found }] = await transaction.unsafe(
        `select (public.material_search_find_materials(${search}) ->> 'total_results')::integer as found`,
      ) as unknown as [{ found: number }];
      return found;
    };
    await transaction.unsafe(`reset role; ${change}; set local role ${as.role}`);
    const [{ known, readable }] = await transaction`
      select (select count(*)::integer from public.materials_catalog) as readable,
        material_search.is_found_readable(
          current_user, row_security_active('public.materials_catalog')
        ) as known` as unknown as [{ known: boolean; readable: number }];
    return {
      known,
      readable,
      byWord: await count("p_query_text => 'oak'"),
      byFilter: await count("p_created_to => '2999-01-01'"),
    };
  });
}

const NOTHING = "select";

Deno.test("is_found_readable: with the policies that came, all that is found is counted as readable", async () => {
  await using catalogue = await openCatalogue();
  for (
    const [as, change, readable] of [
      [bob, NOTHING, BOARDS],
      [alice, NOTHING, BOARDS + 100],
      [{ role: "authenticated" }, NOTHING, BOARDS],
      [service, NOTHING, BOARDS + 100],
      [
        bob,
        "create policy more on public.materials_catalog for select to authenticated using (category = 'tenth')",
        BOARDS,
      ],
    ] as [As, string, number][]
  ) {
    assert.deepEqual(
      await countAfter(catalogue.sql, as, change),
      { known: true, readable, byWord: readable, byFilter: readable },
      `${JSON.stringify(as)} ${change}`,
    );
  }
  // Then every private material can be read as well, but is still found by its owner alone.
  const open = await countAfter(
    catalogue.sql,
    bob,
    "alter table public.materials_catalog disable row level security",
  );
  assert.deepEqual([open.known, open.byWord, open.byFilter], [true, BOARDS, BOARDS]);
});

const CHANGES: Record<string, [change: string, readable: number]> = {
  "a restrictive policy": [
    "create policy less on public.materials_catalog as restrictive using (category <> 'tenth')",
    BOARDS * 0.9,
  ],
  "a restrictive policy of another role": [
    "create policy less on public.materials_catalog as restrictive to service_role using (false)",
    BOARDS,
  ],
  "another condition in the policy that came": [
    `alter policy materials_catalog_read on public.materials_catalog
      using (visibility = 'public' and category <> 'tenth')`,
    BOARDS * 0.9,
  ],
  "no policy": ["drop policy materials_catalog_read on public.materials_catalog", 0],
  "the policy that came for another role": [
    "alter policy materials_catalog_read on public.materials_catalog to service_role",
    0,
  ],
  "another policy instead": [
    `drop policy materials_catalog_read on public.materials_catalog;
     create policy own on public.materials_catalog for select using (category = 'tenth')`,
    BOARDS * 0.1,
  ],
  "another visibility": [
    `alter table public.materials_catalog drop constraint materials_catalog_visibility_check;
     update public.materials_catalog set visibility = 'draft' where category = 'tenth'`,
    BOARDS * 0.9,
  ],
  "no visibility": [
    `alter table public.materials_catalog alter visibility drop not null;
     update public.materials_catalog set visibility = null where category = 'tenth'`,
    BOARDS * 0.9,
  ],
  "writes past the triggers": [
    `alter table public.materials_catalog disable trigger material_search_follow_delete;
     delete from public.materials_catalog where category = 'tenth'`,
    BOARDS * 0.9,
  ],
  "a table that inherits": [
    "create table public.more_materials () inherits (public.materials_catalog)",
    BOARDS,
  ],
};

Deno.test("is_found_readable: after any other change each material is asked of row level security", async (t) => {
  await using catalogue = await openCatalogue();
  for (const [name, [change, readable]] of Object.entries(CHANGES)) {
    await t.step(name, async () => {
      assert.deepEqual(
        await countAfter(catalogue.sql, bob, change),
        { known: false, readable, byWord: readable, byFilter: readable },
      );
    });
  }
});

Deno.test("is_found_readable: not for a role that may not read ids, another role or a bulk change that is pending", async () => {
  await using catalogue = await openCatalogue();
  const isKnown = async (role: string, claims: object, change = NOTHING) =>
    await runAs(catalogue.sql, bob, async (transaction) => {
      // By the project itself: what a user writes is never pending.
      await transaction.unsafe(`reset role; set local request.jwt.claims = ''; ${change}`);
      await transaction`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
      const [row] =
        await transaction`select material_search.is_found_readable(${role}, true) as known`;
      return row!.known;
    });
  const user = { role: "authenticated", sub: ALICE };
  assert.equal(await isKnown("authenticated", user), true);
  assert.equal(await isKnown("anon", user), false);
  assert.equal(await isKnown("service_role", user), false);
  // Those that belong to all users, or to one without a name, are found by such claims and read by no user.
  assert.equal(await isKnown("authenticated", { role: "service_role" }), false);
  assert.equal(await isKnown("authenticated", { role: "authenticated", sub: "" }), false);
  for (
    const change of [
      "revoke select on public.materials_catalog from authenticated",
      "update public.materials_catalog set visibility = 'private'",
      "delete from public.materials_catalog",
      "truncate public.materials_catalog cascade",
    ]
  ) assert.equal(await isKnown("authenticated", user, change), false, change);
});

Deno.test("a search for what is common: of what became private past the triggers nothing is shown or scored", async () => {
  await using catalogue = await openCatalogue();
  const found = await runAs(catalogue.sql, bob, async (transaction) => {
    await transaction.unsafe(`
      reset role;
      alter table public.materials_catalog disable trigger material_search_follow_update;
      update public.materials_catalog set visibility = 'private' where category = 'tenth';
      alter table public.materials_catalog enable trigger material_search_follow_update;
      set local role authenticated`);
    const [row] = await transaction`
      select public.material_search_find_materials(
        p_query_text => 'oak', p_limit => 100, p_include_analytics => true
      ) as found`;
    return row!.found;
  });
  assert.deepEqual(Object.keys(found.analytics.by_category), ["wood"]);
  assert.equal(found.results.length, 100);
  assert.ok(
    found.results.every((one: { material: { category: string } }) =>
      one.material.category === "wood"
    ),
  );
  // The number alone is that of the documents.
  assert.equal(found.total_results, BOARDS);
});
