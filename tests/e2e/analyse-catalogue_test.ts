/** A catalogue that analyses itself, through the deployed functions. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import type { Stack } from "../../dev/stack/stack.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import {
  type Answer,
  type Body,
  createTestClient,
  invoke,
  request,
  signUp,
  takeUpstreamRequests,
  WOOD,
} from "./project.ts";

const wood = Buffer.from(WOOD, "base64");

const call = (stack: Stack, method: "GET" | "POST", path = "", body?: Body): Promise<Answer> =>
  request(stack, {
    path: `/analyse-catalogue${path}`,
    method,
    headers: { apikey: stack.secretKey, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });

async function startWithCatalogue() {
  const stack = await startTestStack({
    functionEnvironment: { RATE_LIMIT_PER_MINUTE: "1000", RATE_LIMIT_CONCURRENT: "100" },
  });
  const sql = stack.database.connect();
  await sql.unsafe(`
    insert into storage.buckets (id, name) values ('photos', 'photos');
    create policy own_folder on storage.objects for all to authenticated
      using (bucket_id = 'photos' and owner_id = (select auth.uid())::text)
      with check (bucket_id = 'photos');
  `);
  const admin = createTestClient(stack, stack.secretKey);
  /** Makes a material with a picture of its own in the private bucket. */
  const addMaterial = async (name: string, bytes: Uint8Array<ArrayBuffer>, type = "image/jpeg") => {
    const path = `catalogue/${name}.jpg`;
    const { error } = await admin.storage.from("photos").upload(path, bytes, { contentType: type });
    assert.equal(error, null);
    const [row] = await sql`
      insert into public.materials_catalog (name, category, thumbnail_url)
      values (${name}, 'wood', ${`storage://photos/${path}`}) returning id`;
    return row!.id as string;
  };
  return { stack, sql, admin, addMaterial };
}

Deno.test("a catalogue analyses itself", async (t) => {
  const { stack, sql, admin, addMaterial } = await startWithCatalogue();
  await using _stack = stack;

  await t.step("only for the project's own code", async () => {
    const { supabase, token } = await signUp(stack);
    const byUser = await invoke(supabase, { body: {} }, "analyse-catalogue");
    assert.deepEqual([byUser.status, byUser.body.error.code], [403, "FORBIDDEN"]);
    const named = await request(stack, {
      path: "/analyse-catalogue",
      headers: { apikey: stack.secretKey, authorization: `Bearer ${token}` },
    });
    assert.equal(named.status, 403);
    assert.equal((await request(stack, { path: "/analyse-catalogue" })).status, 401);
  });

  await t.step("equal pictures are paid once, bad ones fail alone", async () => {
    await addMaterial("oak", wood);
    await addMaterial("oak again", wood);
    await addMaterial("no picture", new TextEncoder().encode("hello"));
    const { data } = await admin.rpc("semantic_analysis_enqueue");
    assert.deepEqual(data, { enqueued: 3, without_picture: 0 });
    const { status, body } = await call(stack, "POST");
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(
      [body.ended, body.analysed, body.failed, body.put_back],
      ["idle", 2, 1, 0],
      JSON.stringify(body),
    );
    assert.equal((await takeUpstreamRequests(stack)).length, 1);
    const rows = await sql`
      select material_type, source_image_hash, llama_analysis_prompt_hash, source_image_url
      from public.material_visual_analysis`;
    assert.equal(rows.length, 2);
    assert.match(rows[0]!.source_image_hash, /^etag:[0-9a-f]{32}$/);
    assert.match(rows[0]!.llama_analysis_prompt_hash, /^[0-9a-f]{16}$/);
  });

  await t.step("and tells how it got on", async () => {
    const { body } = await call(stack, "GET", "?failures=5");
    assert.deepEqual([body.done, body.failed, body.waiting, body.stranded], [2, 1, 0, 0]);
    assert.equal(body.failures[0].code, "UNSUPPORTED_IMAGE_TYPE");
    assert.ok(body.month.spent_usd > 0 && body.month.spent_usd < body.month.limit_usd);
    const health = await call(stack, "GET", "/health");
    assert.deepEqual(
      health.body.checks.map(({ name }: Body) => name),
      ["configuration", "jobs", "last_run", "failures"],
    );
  });

  await t.step("a quote that is accepted bounds its run", async () => {
    for (const name of ["a", "b", "c"]) {
      await addMaterial(name, Buffer.concat([wood, Buffer.from(name)]));
    }
    await admin.rpc("semantic_analysis_enqueue");
    const quote = (await call(stack, "POST", "/quote")).body;
    assert.deepEqual([quote.jobs, quote.basis, quote.run], [3, "list_prices", undefined]);
    assert.ok(quote.expected_usd < quote.worst_usd);
    const perJob = quote.worst_usd / 3;
    const accepted = await call(stack, "POST", "/quote", { accept: true, budget_usd: perJob * 2 });
    const { run } = accepted.body;
    const { body } = await call(stack, "POST", "", { run });
    assert.ok(body.cost_usd <= perJob * 2);
    const progress = (await call(stack, "GET", `?run=${run}`)).body;
    assert.ok(progress.run.spent_usd <= progress.run.budget_usd);
    assert.equal((await call(stack, "POST", "", { run: crypto.randomUUID() })).status, 404);
    await call(stack, "POST");
    assert.equal((await call(stack, "GET")).body.done, 5);
  });

  await t.step("a user's upload is analysed against that user's limits", async () => {
    await admin.rpc("semantic_analysis_switch_enqueueing", { p_upload_buckets: ["photos"] });
    const ada = await signUp(stack);
    const bytes = Buffer.concat([wood, Buffer.from("ada")]);
    const upload = await ada.supabase.storage.from("photos")
      .upload("mine.jpg", bytes, { contentType: "image/jpeg" });
    assert.equal(upload.error, null);
    const { body } = await call(stack, "POST");
    assert.equal(body.analysed, 1, JSON.stringify(body));
    const { data } = await ada.supabase.from("semantic_analysis_uploads").select("source,answer");
    assert.equal(data![0]!.source, "storage://photos/mine.jpg");
    assert.match(data![0]!.answer.analysis, /\w/);
    const limits = await invoke(ada.supabase, { method: "GET" }, "semantic-analysis/limits");
    assert.equal(limits.body.day.limit - limits.body.day.remaining, 1);
    await admin.rpc("semantic_analysis_switch_enqueueing", { p_upload_buckets: [] });
  });

  await t.step("a user's own material shows no picture that the user may not read", async () => {
    const [ada, bob] = [await signUp(stack), await signUp(stack)];
    for (const name of ["secret.jpg", "shown.jpg"]) {
      const bytes = Buffer.concat([wood, Buffer.from(name)]);
      const owner = name === "secret.jpg" ? ada : bob;
      const upload = await owner.supabase.storage.from("photos")
        .upload(name, bytes, { contentType: "image/jpeg" });
      assert.equal(upload.error, null);
      const { error } = await bob.supabase.from("materials_catalog").insert({
        name,
        category: "wood",
        thumbnail_url: `storage://photos/${name}`,
        visibility: "private",
      });
      assert.equal(error, null);
    }
    await admin.rpc("semantic_analysis_enqueue");
    const { body } = await call(stack, "POST");
    assert.deepEqual([body.analysed, body.failed], [1, 1], JSON.stringify(body));
    const { data } = await bob.supabase.from("material_visual_analysis").select("source_image_url")
      .in("source_image_url", ["storage://photos/secret.jpg", "storage://photos/shown.jpg"]);
    assert.deepEqual(data, [{ source_image_url: "storage://photos/shown.jpg" }]);
    const progress = await call(stack, "GET", "?failures=1");
    assert.equal(progress.body.failures[0].code, "IMAGE_NOT_FOUND");
    const limits = await invoke(bob.supabase, { method: "GET" }, "semantic-analysis/limits");
    assert.equal(limits.body.day.limit - limits.body.day.remaining, 1);
  });

  await t.step("deno task catalogue: status, quote and a run, as JSON", async () => {
    await addMaterial("last", Buffer.concat([wood, Buffer.from("last")]));
    const { code, output } = await runTask(stack, "quote");
    assert.deepEqual([code, output.jobs], [0, 1]);
    const run = await runTask(stack, "run", "--yes");
    assert.deepEqual([run.code, run.output.ended, run.output.analysed], [0, "done", 1]);
    assert.ok(run.output.spent_usd <= run.output.quote.worst_usd);
    assert.equal((await runTask(stack, "status")).output.waiting, 0);
    assert.equal((await runTask(stack, "retry-failed", "--code", "NONE")).output.retried, 0);
    const paused = await runTask(stack, "pause");
    assert.equal(paused.output.is_paused, true);
    await runTask(stack, "resume");
  });

  await t.step(
    "deno task catalogue --colors: pictures in Storage, also those known by their analysis",
    async () => {
      await sql`
      update public.materials_catalog set thumbnail_url = null where name in ('a', 'b')`;
      const { code, output } = await runTask(stack, "--colors");
      assert.deepEqual(
        [code, output.ended, output.pictures, output.measured, output.failed],
        [1, "done", 9, 7, 2],
        JSON.stringify(output),
      );
      const failures = output.failures.map(({ source, reason }: Body) => [source, reason]).sort();
      assert.match(failures[0]![1], /unsupported image format/);
      assert.deepEqual(failures[1], [
        "storage://photos/secret.jpg",
        "is no picture that the material's user may read",
      ]);
      const palettes = await sql`select source, colors from material_search.palettes`;
      assert.equal(
        palettes.filter(({ source }) => source.startsWith("storage://photos/")).length,
        7,
      );
      assert.ok(palettes.every(({ colors }) => colors.length > 0));
      const again = await runTask(stack, "--colors", "--again", "--only", "category=wood");
      assert.deepEqual([again.output.unchanged, again.output.measured], [7, 0]);
      assert.equal((await runTask(stack, "--colors")).output.pictures, 2);
    },
  );

  await t.step("paused, nothing is done", async () => {
    await admin.rpc("semantic_analysis_pause_jobs", { p_is_paused: true });
    assert.equal((await call(stack, "POST")).body.ended, "paused");
    await admin.rpc("semantic_analysis_pause_jobs", { p_is_paused: false });
    assert.equal((await call(stack, "POST")).body.ended, "idle");
  });
});

/** Runs `deno task catalogue … --json` against the stack. */
async function runTask(stack: Stack, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "dev/tasks/catalogue.ts", ...args, "--json"],
    cwd: projectDirectory,
    env: { SUPABASE_URL: stack.apiUrl, SUPABASE_SECRET_KEY: stack.secretKey },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(text.startsWith("{"), new TextDecoder().decode(stderr) + text);
  return { code, output: JSON.parse(text) as Body };
}
