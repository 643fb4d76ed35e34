/** The compiler over code that stands in pages and docstrings. */
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

/** What the compiler says of modules: empty where they compile. A variable may be left unused. */
export async function checkTypes(modules: readonly string[]): Promise<string> {
  // Below the project, for its packages; in a folder that fmt and lint leave out.
  const parent = `${projectDirectory}/.local`;
  await Deno.mkdir(parent, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: parent, prefix: "modules-" });
  try {
    const config = await writeConfig(folder);
    const files = modules.map((_, index) => `${folder}/module-${index + 1}.ts`);
    await Promise.all(files.map((file, index) => Deno.writeTextFile(file, modules[index]!)));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--config", config, ...files],
      cwd: projectDirectory,
      env: { NO_COLOR: "1" },
    }).output();
    return success ? "" : new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeConfig(folder: string): Promise<string> {
  const { compilerOptions } = JSON.parse(
    await Deno.readTextFile(`${projectDirectory}/deno.json`),
  );
  const path = `${folder}/deno.json`;
  await Deno.writeTextFile(
    path,
    JSON.stringify({
      importMap: "../../import_map.json",
      nodeModulesDir: "manual",
      compilerOptions: {
        ...compilerOptions,
        noUnusedLocals: false,
        noUnusedParameters: false,
        lib: ["deno.ns", "dom", "dom.iterable", "dom.asynciterable", "esnext"],
      },
    }),
  );
  return path;
}
