/** Made-up checkouts and projects, in folders whose names have blanks and umlauts. */
import { dirname, join } from "node:path";
import { install, type InstallOptions } from "../../dev/install/install.ts";
import { hashText, listFiles } from "../../dev/install/text-files.ts";

/** Texts by path. */
export type Files = Record<string, string>;

/** A folder and its files. Disposing it removes it. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  read(path: string): Promise<string>;
  write(files: Files): Promise<void>;
  remove(path: string): Promise<void>;
  /** Hashes by path. */
  hashes(): Promise<Files>;
}

/** A folder with these files. */
export async function makeFolder(files: Files): Promise<TemporaryFolder> {
  const parent = await Deno.makeTempDir();
  const path = join(parent, "mein Pröjekt & Co");
  const folder: TemporaryFolder = {
    path,
    read: (file) => Deno.readTextFile(join(path, file)),
    async write(changed) {
      for (const [file, text] of Object.entries(changed)) {
        await Deno.mkdir(dirname(join(path, file)), { recursive: true });
        await Deno.writeTextFile(join(path, file), text);
      }
    },
    remove: (file) => Deno.remove(join(path, file), { recursive: true }),
    async hashes() {
      const paths = await listFiles(path);
      const entries = paths.map(async (file) => [file, hashText(await folder.read(file))]);
      return Object.fromEntries(await Promise.all(entries));
    },
    [Symbol.asyncDispose]: () => Deno.remove(parent, { recursive: true }),
  };
  await folder.write(files);
  return folder;
}

const FUNCTIONS = "supabase/functions";

/** What a made-up checkout holds. */
export const CHECKOUT: Files = {
  "import_map.json": JSON.stringify({
    imports: { zod: "npm:zod@1.2.3", "zod/": "npm:/zod@1.2.3/", sharp: "npm:sharp@1.0.0" },
  }),
  [`${FUNCTIONS}/_shared/platform/version.ts`]: `export const VERSION = "0.2.0";\n`,
  [`${FUNCTIONS}/semantic-analysis/index.ts`]: `import "zod/mini";\n`,
  [`${FUNCTIONS}/semantic-analysis/deno.json`]: "{}\n",
  [`${FUNCTIONS}/semantic-analysis/.env`]: "SECRET=1\n",
  [`${FUNCTIONS}/semantic-analysis/routes/old.ts`]: "export {};\n",
  [`${FUNCTIONS}/visual-search/index.ts`]: "export {};\n",
  [`${FUNCTIONS}/mivaa-gateway/index.ts`]: "export {};\n",
  "supabase/migrations/20200101000000_semantic_analysis_create_limits.sql": "select 1;\n",
  "supabase/migrations/20200101000100_semantic_analysis_create_ledger.sql": "select 2;\n",
  "supabase/migrations/20200101000200_material_search_create_catalogue.sql": "select 3;\n",
};

/** What an owner's project holds. */
export const OWNER: Files = {
  "supabase/config.toml": `# mine
project_id = "theirs"  # keep

[functions.hello]
verify_jwt = true
`,
  "supabase/functions/hello/index.ts": "export {};\n",
  "supabase/functions/_shared/auth.ts": "export const mine = true;\n",
  "supabase/migrations/20240101000000_init.sql": "create table public.mine ();\n",
  "supabase/seed.sql": "select 1;\n",
};

/** The present of the tests. */
export const NOW_MS = Date.UTC(2026, 10, 26, 12, 0, 0);

/** Installs from a checkout, with a made-up client: a real one takes seconds to build. */
export function installFrom(
  checkout: Pick<TemporaryFolder, "path">,
  project: Pick<TemporaryFolder, "path">,
  options: Omit<InstallOptions, "checkout"> = {},
) {
  return install(project.path, {
    now: () => NOW_MS,
    ...options,
    checkout: {
      directory: checkout.path,
      async buildClient(folder) {
        await Deno.writeTextFile(`${folder}/client.js`, "export {};\n//# sourceMappingURL=x.map\n");
        await Deno.writeTextFile(`${folder}/client.d.ts`, "export {};\n");
      },
    },
  });
}
