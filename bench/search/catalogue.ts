/**
 * A catalogue as catalogues are: a few families hold most of it, a few types most of a family, and finish,
 * colour and use go with the type. Any of eleven common words is in most of it.
 */
import type postgres from "postgres";
import { createRandom } from "../../dev/random.ts";

interface Family {
  /** Share of the catalogue. */
  share: number;
  /** The commonest first. */
  types: string[];
  finishes: string[];
  textures: string[];
  patterns: string[];
  colors: string[];
  uses: string[];
  forms: string[];
}

const FAMILIES: Record<string, Family> = {
  wood: {
    share: 0.3,
    types: ["oak", "walnut", "ash", "pine", "beech", "maple", "birch", "teak", "cherry", "larch"],
    finishes: ["oiled", "matte", "lacquered", "brushed", "raw"],
    textures: ["grained", "smooth", "rough"],
    patterns: ["grain", "plain", "knots", "herringbone"],
    colors: ["light brown", "brown", "dark brown", "honey", "grey", "white"],
    uses: ["flooring", "furniture", "walls", "doors", "worktops", "decking"],
    forms: ["plank", "board", "veneer", "panel", "beam"],
  },
  stone: {
    share: 0.2,
    types: [
      "marble",
      "granite",
      "limestone",
      "slate",
      "travertine",
      "quartzite",
      "sandstone",
      "basalt",
    ],
    finishes: ["polished", "honed", "flamed", "brushed", "split"],
    textures: ["smooth", "rough", "pitted"],
    patterns: ["veined", "speckled", "plain", "banded"],
    colors: ["white", "grey", "black", "beige", "green", "light grey"],
    uses: ["flooring", "worktops", "walls", "paving", "bathrooms"],
    forms: ["slab", "tile", "sett", "panel"],
  },
  metal: {
    share: 0.14,
    types: ["steel", "aluminium", "stainless steel", "brass", "copper", "bronze", "zinc"],
    finishes: ["brushed", "polished", "powder coated", "anodised", "patinated"],
    textures: ["smooth", "brushed", "hammered"],
    patterns: ["plain", "perforated", "ribbed"],
    colors: ["silver", "grey", "gold", "black", "red brown"],
    uses: ["facades", "cladding", "furniture", "fittings", "walls"],
    forms: ["sheet", "panel", "profile", "mesh"],
  },
  textile: {
    share: 0.13,
    types: ["cotton", "wool", "linen", "velvet", "polyester", "felt", "silk"],
    finishes: ["matte", "napped", "washed", "satin"],
    textures: ["woven", "soft", "ribbed", "smooth"],
    patterns: ["plain", "weave", "stripes", "herringbone"],
    colors: ["grey", "blue", "beige", "green", "dark blue", "white"],
    uses: ["upholstery", "curtains", "walls", "flooring"],
    forms: ["fabric", "carpet", "curtain", "panel"],
  },
  ceramic: {
    share: 0.12,
    types: ["porcelain", "stoneware", "terracotta", "brick", "mosaic"],
    finishes: ["glazed", "matte", "polished", "raw"],
    textures: ["smooth", "rough", "grained"],
    patterns: ["plain", "speckled", "veined", "geometric"],
    colors: ["white", "beige", "grey", "red", "terracotta", "blue"],
    uses: ["flooring", "walls", "bathrooms", "facades"],
    forms: ["tile", "slip", "panel", "slab"],
  },
  composite: {
    share: 0.11,
    types: ["concrete", "terrazzo", "laminate", "quartz composite", "gypsum", "glass"],
    finishes: ["matte", "polished", "satin", "raw"],
    textures: ["smooth", "pitted", "grained"],
    patterns: ["plain", "speckled", "grain"],
    colors: ["grey", "white", "light grey", "beige", "black"],
    uses: ["flooring", "worktops", "walls", "furniture"],
    forms: ["panel", "board", "slab", "tile"],
  },
};

/** The id of the nth material. */
export const toId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** Properties of one material; those of neighbours in number have nothing to do with each other. */
export function makeMaterial(n: number) {
  const random = createRandom(n * 7919);
  // The square picks the first ones most often.
  const pick = (items: readonly string[], shift = 0) => {
    const place = Math.floor(random() ** 2 * items.length);
    return items[(place + shift) % items.length]!;
  };
  let rest = random();
  const [name, family] = Object.entries(FAMILIES).find(([, { share }]) => (rest -= share) < 0) ??
    Object.entries(FAMILIES)[0]!;
  const type = pick(family.types);
  // What is usual for a type: its finish and its colours.
  const usual = type.length;
  const finish = pick(family.finishes, usual);
  const colors = [...new Set([pick(family.colors, usual), pick(family.colors)])];
  const [texture, pattern] = [pick(family.textures), pick(family.patterns)];
  const [use, form] = [pick(family.uses), pick(family.forms)];
  return {
    id: toId(n),
    name: `${capitalise(colors[0]!)} ${type} ${form} ${1000 + n % 9000}`,
    category: use,
    description: `A ${finish} ${form} of ${type} for ${use}, with a ${texture} surface.`,
    properties: { thickness_mm: 2 + Math.floor(random() ** 2 * 60), lot: n % 5000 },
    created_at: new Date(Date.UTC(2020, 0, 1) + Math.floor(random() * 2e11)).toISOString(),
    analysis: {
      material_type: type,
      finish_type: finish,
      surface_texture: texture,
      pattern_grain: pattern,
      color_description: colors.join(", "),
      visual_characteristics:
        `A ${texture}, ${finish} surface of ${colors.join(" and ")} ${type} ` +
        `with a ${pattern} pattern, in even light, used for ${use}.`,
      structural_properties: { family: name, applications: [use], style: ["modern"] },
      analysis_confidence: random() < 0.1 ? null : Math.round((0.4 + random() * 0.6) * 100) / 100,
    },
  };
}

const capitalise = (text: string) => text[0]!.toUpperCase() + text.slice(1);

const CHUNK = 5_000;

/**
 * Adds the materials `from` to `to` with an analysis each, without the triggers, and brings their
 * documents up to date once.
 *
 * @param owner of private ones; null for public ones
 */
export async function addMaterials(
  sql: postgres.Sql,
  from: number,
  to: number,
  owner: string | null = null,
): Promise<void> {
  const tables = ["public.materials_catalog", "public.material_visual_analysis"];
  for (const table of tables) await sql.unsafe(`alter table ${table} disable trigger user`);
  for (let first = from; first <= to; first += CHUNK) {
    const count = Math.min(CHUNK, to - first + 1);
    const materials = Array.from({ length: count }, (_, index) => makeMaterial(first + index));
    await sql`
      with made as materialized (
        select * from jsonb_to_recordset(${sql.json(materials as never)}) as m (
          id uuid, name text, category text, description text, properties jsonb,
          created_at timestamptz, analysis jsonb
        )
      ),
      added as (
        insert into public.materials_catalog (
          id, name, category, description, properties, created_at, created_by, visibility
        )
        select id, name, category, description, properties, created_at, ${owner}::uuid,
          ${owner === null ? "public" : "private"}
        from made
      ),
      behind as (
        insert into material_search.pending (material_id) select id from made
      )
      insert into public.material_visual_analysis (
        material_id, material_type, finish_type, surface_texture, pattern_grain, color_description,
        visual_characteristics, structural_properties, analysis_confidence
      )
      select made.id, a.material_type, a.finish_type, a.surface_texture, a.pattern_grain,
        a.color_description, a.visual_characteristics, a.structural_properties, a.analysis_confidence
      from made,
        jsonb_to_record(made.analysis) as a (
          material_type text, finish_type text, surface_texture text, pattern_grain text,
          color_description text, visual_characteristics text, structural_properties jsonb,
          analysis_confidence real
        )`;
  }
  for (const table of tables) await sql.unsafe(`alter table ${table} enable trigger user`);
  await sql`analyze`;
  await sql`select public.material_search_refresh_documents(10000000)`;
  await sql`vacuum analyze`;
}
