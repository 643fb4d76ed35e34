/** A function of the owner's that imports the installed client. */
import assert from "node:assert/strict";
import { request, WOOD } from "../../e2e/project.ts";
import { LIVING_PROJECT, openOwnerProject } from "../../install/owner-project.ts";

// In pieces: a line that begins with an import would be one of this project's.
const DESCRIBE = `${`import { createClient } from "npm:@supabase/supabase-js@2.119.1";`}
${`import { analysePicture } from "../../semantic-analysis/client.js";`}

export default {
  async fetch(request: Request): Promise<Response> {
    const { picture } = await request.json();
    const secrets = JSON.parse(Deno.env.get("SUPABASE_SECRET_KEYS")!);
    const supabase = createClient(Deno.env.get("SUPABASE_URL")!, secrets.default);
    const { analysis, confidence } = await analysePicture(supabase, { image_data: picture });
    return Response.json({ analysis, confidence });
  },
};
`;

Deno.test("an owner's function calls the analysis through the installed client", async () => {
  await using project = await openOwnerProject({
    ...LIVING_PROJECT,
    "supabase/functions/describe/index.ts": DESCRIBE,
  });
  await project.install("--only semantic-analysis");
  await project.push();
  await using stack = await project.deploy(["describe", "semantic-analysis"]);
  const answer = await request(stack, {
    method: "POST",
    path: "/describe",
    body: JSON.stringify({ picture: WOOD }),
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.match(answer.body.analysis, /wood/);

  const { files } = project.platform.api.deployments.find(({ slug }) => slug === "describe")!;
  assert.deepEqual([...files.keys()].filter((path) => path.includes("semantic-analysis")), [
    "supabase/semantic-analysis/client.js",
  ]);
});

Deno.test("an owner's function is type-checked against the installed client", async () => {
  await using project = await openOwnerProject({
    ...LIVING_PROJECT,
    "supabase/functions/describe/index.ts": DESCRIBE,
    "supabase/functions/wrong/index.ts": DESCRIBE.replace("image_data:", "image_date:"),
  });
  await project.install("--only semantic-analysis");
  const check = async (name: string) => {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--no-config", `supabase/functions/${name}/index.ts`],
      cwd: project.folder.path,
    }).output();
    return { success, errors: new TextDecoder().decode(stderr) };
  };
  const right = await check("describe");
  assert.ok(right.success, right.errors);
  const wrong = await check("wrong");
  assert.match(wrong.errors, /image_date/);
});
