/** How long the hosted runtime takes to load the function's modules before it can answer. */
import * as esbuild from "esbuild";
import { findHostedDeno, HOSTED_VERSION } from "../dev/stack/functions/hosted-deno.ts";
import { projectDirectory } from "../dev/stack/process/project-paths.ts";
import { judge, printTable, toText } from "./table.ts";

interface Bundle {
  name: string;
  /** What is bundled. */
  source: string;
  /** Milliseconds that loading it may take. */
  most?: number;
}

const BUNDLES: Bundle[] = [
  { name: "bare", source: "export default {}" },
  {
    name: "semantic-analysis",
    source: `export { default } from "./supabase/functions/semantic-analysis/index.ts"`,
    most: 35,
  },
  {
    name: "visual-search",
    source: `export { default } from "./supabase/functions/visual-search/index.ts"`,
    most: 35,
  },
  { name: "@supabase/supabase-js", source: `export { createClient } from "@supabase/supabase-js"` },
  {
    name: "@supabase/server/core",
    source: `export { verifyCredentials } from "@supabase/server/core"`,
  },
  {
    name: "zod/mini",
    source: `import * as z from "zod/mini"; export default z.object({ a: z.string() })`,
  },
  { name: "zod", source: `import { z } from "zod"; export default z.object({ a: z.string() })` },
  { name: "together-ai", source: `export { default } from "together-ai"` },
  { name: "openai", source: `export { default } from "openai"` },
];

const RUNS = 12;

/** Prints the table. */
export async function benchLoad(): Promise<void> {
  const denoBinary = await findHostedDeno();
  const folder = await Deno.makeTempDir();
  try {
    const bundles = [];
    for (const [index, { name, source, most }] of BUNDLES.entries()) {
      const file = `${folder}/${index}.mjs`;
      bundles.push({ name, most, file, bytes: await bundle(source, file), ms: [] as number[] });
    }
    // In turns, so that a noisy minute hits all of them.
    for (let run = 0; run < RUNS; run++) {
      for (const { file, ms } of bundles) ms.push(await measureLoadMs(denoBinary, file));
    }
    console.log(`\nDeno ${HOSTED_VERSION}, the fastest of ${RUNS} processes\n`);
    printTable(
      ["bundle", "KiB", "ms to load"],
      bundles.map(({ name, most, bytes, ms }) => {
        const value = Math.min(...ms);
        const verdict = most === undefined ? "" : ` (≤ ${most}: ${judge({ value, most })})`;
        return [name, toText(bytes / 1024, 0), toText(value) + verdict];
      }),
    );
  } finally {
    await esbuild.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Bundles as `functions deploy` does: one file, nothing left out. */
async function bundle(source: string, file: string): Promise<number> {
  const { metafile } = await esbuild.build({
    stdin: { contents: source, resolveDir: projectDirectory, loader: "ts" },
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    mainFields: ["module", "main"],
    conditions: ["deno", "import", "module"],
    external: ["node:*"],
    metafile: true,
    logLevel: "error",
  });
  return Object.values(metafile.outputs)[0]!.bytes;
}

const MEASURE = `
const startedAt = performance.now();
await import(Deno.args[0]);
console.log(performance.now() - startedAt);
Deno.exit(0);
`;

async function measureLoadMs(denoBinary: string, file: string): Promise<number> {
  const script = `${file}.measure.mjs`;
  await Deno.writeTextFile(script, MEASURE);
  const { success, stdout, stderr } = await new Deno.Command(denoBinary, {
    // The hosted runtime keeps no compiled code from one worker to the next.
    args: ["run", "-A", "--no-lock", "--no-config", "--no-code-cache", script, `file://${file}`],
    env: {
      ...{ NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      ...{ SUPABASE_URL: "http://127.0.0.1:54321", TOGETHER_API_KEY: "bench" },
      SUPABASE_SECRET_KEYS: '{"default":"sb_secret_bench"}',
    },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return Number(new TextDecoder().decode(stdout).trim().split("\n").at(-1));
}
