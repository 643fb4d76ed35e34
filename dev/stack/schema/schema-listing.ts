/**
 * A listing of what the migrations come to, from the catalogue, so that a review shows a migration's
 * net effect. `pg_dump` would do, but is not among the binaries that npm has.
 */
import type postgres from "postgres";
import { connect } from "../postgres/connect.ts";
import { projectDirectory } from "../process/project-paths.ts";

const file = `${projectDirectory}/supabase/schema.txt`;

const SCHEMAS = ["public", "semantic_analysis", "material_search", "catalogue_jobs"];

/** Whether the checked-in listing is that of this migrated database. */
export async function checkSchemaListing(url: string): Promise<boolean> {
  return await readSchemaListing(url) === await Deno.readTextFile(file).catch(() => "");
}

/** Replaces the checked-in listing by that of this migrated database. */
export async function writeSchemaListing(url: string): Promise<void> {
  await Deno.writeTextFile(file, await readSchemaListing(url));
}

/** The listing of this database: every type, relation and function of our schemas, with its grants. */
export async function readSchemaListing(url: string): Promise<string> {
  const sql = connect(url);
  try {
    // Every name is then written with its schema, for any role.
    await sql`set search_path = ''`;
    const parts = [
      await listTypes(sql),
      await listRelations(sql),
      await listFunctions(sql),
    ];
    return `Written by \`deno task types\` from the migrations.\n\n${parts.flat().join("\n\n")}\n`;
  } finally {
    await sql.end();
  }
}

async function listTypes(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select t.oid::regtype::text as name,
      string_agg(
        '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod), e'\n' order by a.attnum
      ) as columns
    from pg_type t
    join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where t.typnamespace = any(${SCHEMAS}::regnamespace[])
    group by t.oid order by 1`;
  return rows.map(({ name, columns }) => `type ${name}\n${columns}`);
}

async function listRelations(sql: postgres.Sql): Promise<string[]> {
  const relations = await sql`
    select c.oid, c.oid::regclass::text as name, c.relrowsecurity, c.reloptions,
      case c.relkind when 'r' then 'table' when 'v' then 'view' else 'sequence' end as kind,
      coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char",
        c.relowner))::text[] as acl,
      case when c.relkind = 'v' then pg_get_viewdef(c.oid) end as definition
    from pg_class c
    where c.relnamespace = any(${SCHEMAS}::regnamespace[]) and c.relkind in ('r', 'v', 'S')
      -- Sequences of identity columns belong to their tables.
      and not exists (
        select from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('i', 'e')
      )
    order by c.relnamespace::regnamespace::text, 4, 2`;
  return await Promise.all(relations.map(async (relation) => {
    const details = await sql<{ line: string }[]>`
      select line from (
        select 1 as part, a.attnum::int as place, concat_ws(' ',
          a.attname, format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then 'not null' end,
          'default ' || pg_get_expr(d.adbin, d.adrelid)) as line
        from pg_attribute a
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = ${relation.oid} and a.attnum > 0 and not a.attisdropped
          and ${relation.kind} <> 'sequence'
        union all
        select 2, 0, concat('constraint ', conname, ' ', pg_get_constraintdef(oid))
        from pg_constraint where conrelid = ${relation.oid} and contype <> 'n'
        union all
        select 3, 0, pg_get_indexdef(indexrelid)
        from pg_index where indrelid = ${relation.oid}
        union all
        select 4, 0, concat_ws(' ',
          'policy', polname, case when not polpermissive then 'restrictive' end, 'for',
          case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
            when 'd' then 'delete' else 'all' end,
          'to', (select string_agg(case r when 0 then 'public' else r::regrole::text end, ', ')
            from unnest(polroles) r),
          'using ' || pg_get_expr(polqual, polrelid),
          'with check ' || pg_get_expr(polwithcheck, polrelid))
        from pg_policy where polrelid = ${relation.oid}
        union all
        select 5, 0, pg_get_triggerdef(oid)
        from pg_trigger where tgrelid = ${relation.oid} and not tgisinternal
      ) as parts order by part, place, line`;
    const { kind, name, relrowsecurity, reloptions, acl, definition } = relation;
    return [
      `${kind} ${name}`,
      ...(kind === "table" ? [`row level security ${relrowsecurity ? "on" : "off"}`] : []),
      ...(reloptions ? [`with ${reloptions.join(", ")}`] : []),
      `grants ${toGrants(acl)}`,
      ...details.map(({ line }) => line),
      ...(definition ? [`as ${definition.replace(/\s+/g, " ").trim()}`] : []),
    ].join("\n  ");
  }));
}

async function listFunctions(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select p.oid::regprocedure::text as name, pg_get_function_result(p.oid) as result,
      l.lanname as language, p.prosecdef as is_definer, p.provolatile as volatility,
      coalesce(p.proconfig, '{}') as settings,
      coalesce(p.proacl, acldefault('f', p.proowner))::text[] as acl
    from pg_proc p
    join pg_language l on l.oid = p.prolang
    where p.pronamespace = any(${SCHEMAS}::regnamespace[])
      and not exists (
        select from pg_depend d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      )
    order by p.pronamespace::regnamespace::text, 1`;
  const volatilities: Record<string, string> = { i: "immutable", s: "stable", v: "volatile" };
  return rows.map(({ name, result, language, is_definer, volatility, settings, acl }) =>
    [
      `function ${name}`,
      `returns ${result}`,
      `${language}, ${volatilities[volatility]}, security ${is_definer ? "definer" : "invoker"}`,
      ...settings.map((setting: string) => `set ${setting}`),
      `grants ${toGrants(acl)}`,
    ].join("\n  ")
  );
}

/** Without who granted it, in a fixed order. */
function toGrants(acl: string[]): string {
  return acl.map((item) => item.replace(/\/.*$/, "").replace(/^=/, "public=")).toSorted().join(" ");
}
