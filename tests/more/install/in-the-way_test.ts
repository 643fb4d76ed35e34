/**
 * Where an existing database is in the way of a part, the command at the end of the message lets
 * the owner's next `db push` pass. Each file of `tests/cases/migrations` is one such database.
 */
import assert from "node:assert/strict";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";
import { installFrom } from "../../install/folders.ts";
import { LIVING_PROJECT, openOwnerProject } from "../../install/owner-project.ts";

const CASES = `${projectDirectory}/tests/cases/migrations`;

/** In the way of the owner's own migrations as well: without ours they pass no more than with them. */
const STOPS_THE_OWNER_TOO = "nothing-created-in-public.sql";

const names = (await Array.fromAsync(Deno.readDir(CASES))).map(({ name }) => name).sort();

for (const name of names.filter((name) => name !== STOPS_THE_OWNER_TOO)) {
  const text = await Deno.readTextFile(`${CASES}/${name}`);
  if (!/^-- in the way: /m.test(text)) continue;

  Deno.test(`in the way, ${name}: the command of the message lets the next push pass`, async () => {
    await using project = await openOwnerProject(LIVING_PROJECT);
    // In a connection of its own: it may change its role.
    await project.database.connect().unsafe(text);
    await installFrom({ path: projectDirectory }, project.folder);
    const refusal: Error | undefined = await project.push().then(() => undefined, (error) => error);
    if (refusal === undefined) return; // this one was taken

    const command = /deno task install <folder> --only [\w,-]+/.exec(refusal.message)?.[0];
    assert.ok(command, refusal.message);
    await project.run(command);
    await project.folder.write({
      "supabase/migrations/20290201000000_mine.sql": "create table public.mine (id int);\n",
    });
    await project.push("--include-all");
    const [row] = await project.database.connect()`
      select to_regclass('public.mine') is not null as mine,
        to_regprocedure('public.semantic_analysis_read_chain_health()') is not null as limits,
        exists (select from pg_proc
          where pronamespace = 'public'::regnamespace and proname like 'material\\_search\\_read%')
          as search`;
    // What the command keeps is there, and nothing of the part that is in the way.
    assert.deepEqual({ ...row }, {
      mine: true,
      limits: command.includes("semantic-analysis"),
      search: command.includes("visual-search"),
    });
    for (const [, statement] of text.matchAll(/^-- afterwards: (.*)$/gm)) {
      await project.database.connect().unsafe(statement!);
    }
  });
}
