/** `deno task package [folder]`: builds the npm package `semantic-analysis-client` and packs it. */
import { relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { buildPackage, PACKAGE_NAME } from "../package/build-package.ts";
import { localDirectory } from "../stack/process/project-paths.ts";

if (import.meta.main) {
  const folder = resolve(Deno.args[0] ?? `${localDirectory()}/package`);
  const tarball = await buildPackage(folder);
  const { length } = gzipSync(await Deno.readFile(`${folder}/${PACKAGE_NAME}/client.js`));
  console.log(`${PACKAGE_NAME}: client.js is ${(length / 1000).toFixed(1)} kB gzipped`);
  console.log(`npm install ./${relative(Deno.cwd(), tarball)}`);
}
