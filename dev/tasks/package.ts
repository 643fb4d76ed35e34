/** `deno task package [folder]`: builds the npm package `semantic-analysis-client` and packs it. */
import { relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { buildPackage, PACKAGE_NAME } from "../package/build-package.ts";
import { runTask, type Task } from "../run-task.ts";
import { callerDirectory, localDirectory } from "../stack/process/project-paths.ts";

const usage = ` [folder]

Builds the npm package of the client into a folder (.local/package); its tarball is what apps install.`;

/** `deno task package`. */
export const task: Task<Record<never, never>> = {
  name: "package",
  usage,
  takes: [0, 1],
  async run(_, [typed]) {
    const folder = typed ? resolve(callerDirectory(), typed) : `${localDirectory()}/package`;
    const tarball = await buildPackage(folder);
    const { length } = gzipSync(await Deno.readFile(`${folder}/${PACKAGE_NAME}/client.js`));
    console.log(`${PACKAGE_NAME}: client.js is ${(length / 1000).toFixed(1)} kB gzipped`);
    console.log(`npm install ./${relative(Deno.cwd(), tarball)}`);
    return 0;
  },
};

if (import.meta.main) Deno.exit(await runTask(task));
