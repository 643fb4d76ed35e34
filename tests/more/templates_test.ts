/** The packed client in new apps: published templates, untouched settings. */
import assert from "node:assert/strict";
import { createNpmProject, packClient } from "./npm-project.ts";

/** What an app does with it; the lines that must not compile show that no type has become `any`. */
const USE = await Deno.readTextFile(new URL("fixtures/app.ts.txt", import.meta.url));

Deno.test({
  name: "the package in the templates of new apps",
  // The child process of esbuild is its own to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using client = await packClient();
    const { tarball } = client;

    for (const template of ["vanilla-ts", "react-ts"]) {
      await t.step(`builds in Vite's ${template}`, async () => {
        await using project = await createNpmProject(`create-vite/template-${template}`);
        await project.install("@supabase/supabase-js", tarball);
        await project.write("src/use.ts", USE);
        const entry = template === "react-ts" ? "src/main.tsx" : "src/main.ts";
        const text = await Deno.readTextFile(`${project.folder}/${entry}`);
        const use = `import { tell, use } from "./use";\n${text}\nuse("").catch(tell);\n`;
        await project.write(entry, use);
        await project.run("npm", "run", "build");
        const [asset] = [...Deno.readDirSync(`${project.folder}/dist/assets`)]
          .filter(({ name }) => name.endsWith(".js"));
        const built = await Deno.readTextFile(`${project.folder}/dist/assets/${asset!.name}`);
        assert.match(built, /Sign in to have pictures analysed/);
      });
    }

    await t.step("type-checks with Next's default tsconfig, and an old supabase-js", async () => {
      await using project = await createNpmProject("create-next-app/dist/templates/app/ts");
      await project.write("package.json", "{}");
      await Deno.remove(`${project.folder}/app`, { recursive: true });
      await Deno.remove(`${project.folder}/next.config.ts`);
      await project.install("@supabase/supabase-js", "typescript", "@types/node", tarball);
      await project.write("app/use.ts", USE);
      await project.run("npx", "tsc", "--project", ".");
      await project.install("@supabase/supabase-js@2.39.0");
      await project.run("npx", "tsc", "--project", ".");
    });

    await t.step("has types that stand on their own", async () => {
      await using project = await createNpmProject(null);
      await project.install("typescript", tarball);
      const types = "node_modules/semantic-analysis-client/client.d.ts";
      const settings = [
        "--ignoreConfig",
        "--noEmit",
        "--strict",
        "--lib",
        "es2022,dom",
        "--types",
        "",
      ];
      await project.run("npx", "tsc", ...settings, types);
    });

    await t.step("type-checks with React Native's tsconfig", async () => {
      await using project = await createNpmProject(null);
      const types = ["react-native", "@types/react", "@types/jest"];
      const config = "@react-native/typescript-config";
      await project.install("@supabase/supabase-js", "typescript", config, ...types, tarball);
      await project.write("tsconfig.json", JSON.stringify({ extends: config }));
      // The types of React Native itself, as an app's own imports bring them.
      await project.write("use.ts", `import "react-native";\n${USE}`);
      await project.run("npx", "tsc", "--project", ".");
    });
  },
});
