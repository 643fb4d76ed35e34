/** What calibration maps cost: with the reservation that brings them, and when a figure is shown. */
import { connect } from "../dev/stack/postgres/connect.ts";
import { startStack } from "../dev/stack/stack.ts";
import { createPostgrest } from "../supabase/functions/_shared/platform/database/postgrest.ts";
import {
  createRateLimiter,
  type RateLimiter,
} from "../supabase/functions/_shared/platform/limits/rate-limiter.ts";
import {
  type CalibrationMap,
  FITTED_METHODS,
  MAX_KNOTS,
} from "../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { showConfidence } from "../supabase/functions/semantic-analysis/calibration/show-confidence.ts";
import { judge, median, printTable, toText } from "./table.ts";

const [WARM_UP, CALLS] = [100, 500];
const MAX_SHARE_OF_RESERVATION = 0.05;
const MAX_SHOWN_MS = 0.1;

const VERSIONS = { promptVersion: "0123456789abcdef", schemaVersion: "fedcba9876543210" };
const MODELS = ["vendor/first-90b-vision", "vendor/second-9b", "vendor/third-30b"];

/** A chain whose models have one method each. */
const OTHER_MODELS = MODELS.map((model) => model.replace("vendor", "other"));

/** All methods of a chain of three, half of the maps as long as they may be. */
const MAPS: CalibrationMap[] = MODELS.flatMap((model, ofChain) =>
  FITTED_METHODS.map((method, at) => ({
    model,
    prompt_version: VERSIONS.promptVersion,
    schema_version: VERSIONS.schemaVersion,
    method,
    fit: (ofChain + at) % 2 === 0 ? { kind: "platt", a: 0.8123, b: -0.4456 } : {
      kind: "isotonic",
      x: Array.from({ length: MAX_KNOTS }, (_, knot) => toFour((knot + 1) / (MAX_KNOTS + 1))),
      y: Array.from({ length: MAX_KNOTS }, (_, knot) => toFour(((knot + 1) / MAX_KNOTS) ** 2)),
    },
    n: 1_000,
    ece: { before: 0.1412, after: 0.0223 },
    fitted_at: "2026-11-26T12:00:00Z",
    thresholds: { n: 900, raw: { "0.8": 0.41, "0.9": 0.62, "0.95": 0.83, "0.99": null } },
    conformal: { alpha: 0.05, quantile: 0.9712, n: 900 },
  }))
);

/** Prints the tables. */
export async function benchMaps(): Promise<void> {
  printShown();
  await printReservations();
}

function printShown(): void {
  const body = JSON.stringify(MAPS);
  const figure = {
    raw: 0.87,
    method: "fused" as const,
    model: MODELS[2]!,
    families: { wood: 0.81, stone: 0.1, composite: 0.04 },
  };
  const show = (maps: string) =>
    showConfidence(figure, { maps, versions: VERSIONS, minPrecision: 0.95 });
  // The median of single calls: hardly any of them is interrupted by another process.
  const measure = (work: () => unknown): number => {
    for (let call = 0; call < 2_000; call++) work();
    return median(Array.from({ length: 5_000 }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }));
  };
  const without = measure(() => show("[]"));
  const with_ = measure(() => show(body));
  const value = with_ - without;
  console.log(`\n### A figure that is shown, ms\n`);
  printTable(["", "ms"], [
    ["without a map", toText(without, 4)],
    [`maps of ${body.length} bytes parsed, one checked and applied`, toText(with_, 4)],
    [
      "more",
      `${toText(value, 4)} (≤ ${MAX_SHOWN_MS}: ${judge({ value, most: MAX_SHOWN_MS })})`,
    ],
  ]);
}

/** As the function makes them, through PostgREST and by turns: medians of single calls. */
async function printReservations(): Promise<void> {
  await using stack = await startStack({
    standIn: false,
    functionEnvironment: { TOGETHER_API_KEY: "bench" },
  });
  const sql = connect(stack.databaseUrl);
  const limiter = createRateLimiter({
    database: createPostgrest(stack.apiUrl, stack.secretKey),
    projectNanoUsdPerMonth: 1e15,
    timeoutMs: 60_000,
  });
  const cases: [name: string, models: string[]][] = [
    ["no maps asked for", []],
    ["asked for, none there", ["vendor/unknown"]],
    ["a map for each of three models", OTHER_MODELS],
    ["maps for all methods, 4 kB", MODELS],
  ];
  const times = cases.map(() => [] as number[]);
  try {
    const others = OTHER_MODELS.map((model) => ({ ...MAPS[0]!, model }));
    for (const map of [...MAPS, ...others]) {
      await sql`select public.semantic_analysis_store_map(${sql.json({ ...map })})`;
    }
    for (let call = 0; call < WARM_UP + CALLS; call++) {
      for (const [at, [, models]] of cases.entries()) {
        const ms = await reserveOnce(limiter, models);
        if (call >= WARM_UP) times[at]!.push(ms);
      }
    }
  } finally {
    await sql.end();
  }
  const [base, ...others] = times.map(median) as [number, ...number[]];
  console.log(`\n### A reservation, ms\n`);
  printTable(["", "ms", "more"], [
    [cases[0]![0], toText(base, 3), ""],
    ...others.map((value, at) => {
      const more = { value: value / base - 1, most: MAX_SHARE_OF_RESERVATION };
      return [
        cases[at + 1]![0],
        toText(value, 3),
        `${toText(more.value * 100)} % (≤ ${more.most * 100} %: ${judge(more)})`,
      ];
    }),
  ]);
}

async function reserveOnce(limiter: RateLimiter, models: string[]): Promise<number> {
  const start = performance.now();
  await limiter.reserve({
    // The holds of one subject would make its row longer and longer.
    subject: `user:${crypto.randomUUID()}`,
    id: crypto.randomUUID(),
    limits: { perMinute: 60, burst: 60, perDay: 100, concurrent: 4, nanoUsdPerMonth: null },
    anonymity: { kind: "signed_in" },
    ceilingNanoUsd: 1_000,
    cacheKey: null,
    mapsOf: models.length === 0 ? null : { models, ...VERSIONS },
  });
  return performance.now() - start;
}

function toFour(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
