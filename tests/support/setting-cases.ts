/** What values of a setting are taken and refused. */
import type { Settings } from "../../supabase/functions/semantic-analysis/settings.ts";

/** A setting, and values that it takes and refuses. */
export interface Case {
  read(settings: Settings): unknown;
  /** Value → what becomes of it. */
  good: [value: string, result: unknown][];
  bad: string[];
}

/** Texts that are no whole number from 1 on. */
export const NOT_WHOLE = [
  "0",
  "-1",
  "1.5",
  "1e3",
  "0x10",
  "many",
  "1,000",
  "Infinity",
  "NaN",
  "9".repeat(400),
];

/** `true` or `false`. */
export function flagCase(read: Case["read"]): Case {
  return {
    read,
    good: [["true", true], ["false", false], [" true\n", true]],
    bad: ["yes", "1", "0", "TRUE", "on", "null"],
  };
}

/** A whole number from 1 to `max`. */
export function countCase(read: Case["read"], max: number): Case {
  return {
    read,
    good: [["1", 1], ["40", 40], [String(max), max], [" 7 ", 7]],
    bad: [...NOT_WHOLE, String(max + 1)],
  };
}

/** US dollars, read as nano-dollars. */
export function usdCase(read: Case["read"]): Case {
  return {
    read,
    good: [
      ["0", 0],
      ["5", 5_000_000_000],
      ["0.01", 10_000_000],
      ["0.0000000016", 2],
      ["1000000", 1e15],
    ],
    bad: ["-1", "$5", "5,00", "1e3", "1000001", "free"],
  };
}

/** The same, or `none`, which is null. */
export function orNone({ read, good, bad }: Case): Case {
  return {
    read,
    good: [...good, ["none", null], ["None", null]],
    bad: [...bad, "nones", "null", "unlimited"],
  };
}
