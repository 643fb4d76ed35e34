/** The table of models against the provider's list. */
import type { Model } from "../../supabase/functions/_shared/together-ai/models.ts";
import type { ListedModel, Prices } from "./fetch-model-list.ts";

/** A model whose price is another one now. */
export interface Repricing {
  id: string;
  /** In the table. */
  known: Prices;
  /** On the list. */
  listed: Prices;
}

/** A model whose context is another one now, in tokens. */
export interface Resizing {
  id: string;
  known: number;
  listed: number;
}

/** Where table and list differ. */
export interface ModelDifferences {
  /** In the table and no longer on the list, without those known to have left. */
  gone: string[];
  /** In the table and known to have left: not on the list, as expected. */
  retired: string[];
  repriced: Repricing[];
  resized: Resizing[];
  /** Chat models on the list alone, newest first. The list doesn't say which of them see pictures. */
  unknown: ListedModel[];
}

/** The table, what of it is known to have left the list, and the list. */
export interface CompareModelsOptions {
  known: Readonly<
    Record<string, Pick<Model, "inputUsdPerMillion" | "outputUsdPerMillion" | "contextTokens">>
  >;
  /** Ids that stay in the table although the provider no longer lists them. */
  retired: readonly string[];
  listed: readonly ListedModel[];
}

/** Finds what has changed since the table was written. What the list doesn't say hasn't. */
export function compareModels(
  { known, retired, listed }: CompareModelsOptions,
): ModelDifferences {
  const listedById = new Map(listed.map((model) => [model.id, model]));
  const absent = Object.keys(known).filter((id) => !listedById.has(id));
  return {
    gone: absent.filter((id) => !retired.includes(id)),
    retired: absent.filter((id) => retired.includes(id)),
    repriced: Object.entries(known).flatMap(([id, { inputUsdPerMillion, outputUsdPerMillion }]) => {
      const prices = { inputUsdPerMillion, outputUsdPerMillion };
      const now = listedById.get(id)?.prices;
      return now && !areEqual(prices, now) ? [{ id, known: prices, listed: now }] : [];
    }),
    resized: Object.entries(known).flatMap(([id, { contextTokens }]) => {
      const now = listedById.get(id)?.contextTokens;
      return now && now !== contextTokens ? [{ id, known: contextTokens, listed: now }] : [];
    }),
    unknown: listed
      .filter(({ id, isChat }) => isChat && !Object.hasOwn(known, id))
      .toSorted((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0)),
  };
}

/** Whether an entry of the table is wrong now. Models it doesn't know don't make it so. */
export function isTableBehind({ gone, repriced, resized }: ModelDifferences): boolean {
  return gone.length > 0 || repriced.length > 0 || resized.length > 0;
}

function areEqual(one: Prices, other: Prices): boolean {
  return toNanoUsdPerToken(one.inputUsdPerMillion) ===
      toNanoUsdPerToken(other.inputUsdPerMillion) &&
    toNanoUsdPerToken(one.outputUsdPerMillion) === toNanoUsdPerToken(other.outputUsdPerMillion);
}

/** As costs are counted: a difference below that is none. */
function toNanoUsdPerToken(usdPerMillion: number): number {
  return Math.round(usdPerMillion * 1000);
}
