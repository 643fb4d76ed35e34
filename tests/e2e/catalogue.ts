/** A project with a catalogue to search in. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { StackOptions } from "../../dev/stack/stack.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { type Body, invoke } from "./project.ts";

const SEED = new URL("../../supabase/seed.sql", import.meta.url);

/** Starts a stack with the materials of supabase/seed.sql. */
export async function startSeededStack(options: StackOptions = {}) {
  const stack = await startTestStack(options);
  await stack.database.connect().unsafe(await Deno.readTextFile(SEED));
  return stack;
}

/** Calls visual-search. */
export const search = (
  supabase: SupabaseClient,
  body: Body,
  headers: Record<string, string> = {},
) => invoke(supabase, { body, headers }, "visual-search");

/** The materials that were found, in order. */
export const namesOf = (body: Body): string[] =>
  body.results.map((result: Body) => result.material_name);
