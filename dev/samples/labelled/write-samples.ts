import { createHash } from "node:crypto";
import { join } from "node:path";
import { LABELLED_PROPERTIES } from "../../evaluation/answers/answer-line.ts";
import { toLabelText } from "../../evaluation/answers/rate-answer.ts";
import type { FaultInput } from "../../together-stand-in/faults/faults.ts";
import { drawSource } from "./draw-source.ts";

/** What is drawn. */
export interface SampleOptions {
  folder: string;
  sources: number;
  /** Pictures of each source. */
  views: number;
  seed: number;
  /** Told after each source. */
  onProgress?: (drawn: number) => void;
}

/** The CSV of labels, in the folder. */
export const LABELS_FILE = "labels.csv";

/** What the Together stand-in is told, in the folder. */
export const STAND_IN_FILE = "stand-in.json";

/**
 * What a model says, and how often it is right then. The chain's first model overstates itself much, another
 * one less.
 */
const ROWS = [
  { said: 0.55, right: 0.3 },
  { said: 0.75, right: 0.5 },
  { said: 0.88, right: 0.72 },
  { said: 0.94, right: 0.86 },
  { said: 0.98, right: 0.97 },
  { said: 0.995, right: 0.995 },
];
const BETTER_ROWS = ROWS.map(({ said, right }) => ({ said, right: right ** 0.5 }));
const BETTER_MODEL = "Qwen/Qwen3.5-9B";

/**
 * Draws labelled pictures with a CSV of their labels, and what the Together stand-in is to be told
 * (`PUT /__faults`) so that it plays models whose true reliability is known.
 */
export async function writeSamples(
  { folder, sources, views, seed, onProgress = () => {} }: SampleOptions,
): Promise<void> {
  await Deno.mkdir(join(folder, "pictures"), { recursive: true });
  const properties = LABELLED_PROPERTIES.filter((property) =>
    ["family", "type", "finish", "texture", "pattern"].includes(property)
  );
  const lines = [["file", ...properties, "source"].join(",")];
  const families: Record<string, string> = {};
  for (let number = 0; number < sources; number++) {
    const { source, labels, pictures } = await drawSource(number, { seed, views });
    for (const { name, bytes } of pictures) {
      await Deno.writeFile(join(folder, "pictures", name), bytes);
      families[createHash("sha256").update(bytes).digest("hex")] = labels.family!;
      const cells = properties.map((property) => toLabelText(labels[property] ?? ""));
      lines.push([`pictures/${name}`, ...cells, source].join(","));
    }
    onProgress(number + 1);
  }
  const known = { kind: "known_truth", times: "always", seed, families } as const;
  const faults: FaultInput[] = [
    { ...known, model: BETTER_MODEL, rows: BETTER_ROWS } as FaultInput,
    { ...known, rows: ROWS } as FaultInput,
  ];
  await Deno.writeTextFile(join(folder, LABELS_FILE), `${lines.join("\n")}\n`);
  await Deno.writeTextFile(join(folder, STAND_IN_FILE), JSON.stringify(faults));
}
