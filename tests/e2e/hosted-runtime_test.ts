/** The hosted runtime embeds Deno 2.1.4: the functions boot there and do their work. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { findHostedDeno, HOSTED_VERSION } from "../../dev/stack/functions/hosted-deno.ts";
import { createTestClient, invoke, request, signUp, WOOD } from "./project.ts";

Deno.test(`the functions work on Deno ${HOSTED_VERSION}`, async () => {
  const denoBinary = await findHostedDeno();
  const version = await new Deno.Command(denoBinary, { args: ["--version"] }).output();
  assert.match(new TextDecoder().decode(version.stdout), /^deno 2\.1\.4 /);

  await using stack = await startTestStack({ denoBinary });
  const { supabase } = await signUp(stack);
  const { status, body } = await invoke(supabase, { body: { image_data: WOOD } });
  assert.equal(status, 200, JSON.stringify(body));
  assert.match(body.analysis, /wood/i);

  const { data, error } = await supabase.functions.invoke("mivaa-gateway", {
    body: { action: "semantic_analysis", payload: { image_data: WOOD } },
  });
  assert.equal(error, null);
  assert.match(data.data.analysis, /wood/i);
  const health = await request(stack, { path: "/mivaa-gateway/api/mivaa/health" });
  assert.equal(health.status, 200, JSON.stringify(health.body));

  const refused = await request(stack, { method: "POST" });
  assert.equal(refused.status, 401);
  const bad = await invoke(supabase, { body: { image_data: "data:text/plain;base64,AAAA" } });
  assert.equal(bad.body.error.code, "UNSUPPORTED_IMAGE_TYPE");

  const searched = await invoke(
    supabase,
    { body: { search_type: "hybrid", query_image: WOOD, query_text: "oak" } },
    "visual-search",
  );
  assert.equal(searched.status, 200, JSON.stringify(searched.body));
  assert.equal(searched.body.search_metadata.analysis.model_used, "local/pixel-analyst");
});

Deno.test(`Deno ${HOSTED_VERSION} has no base64 of its own: when it has, base64.wat can go`, async () => {
  const deno = new Deno.Command(await findHostedDeno(), {
    args: ["eval", "--no-lock", "console.log('fromBase64' in Uint8Array)"],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  });
  const { stdout } = await deno.output();
  assert.equal(
    new TextDecoder().decode(stdout).trim(),
    "false",
    "decode and encode with Uint8Array.setFromBase64 and toBase64: docs/decisions/0009",
  );
});

Deno.test(`a refused connection is known to cost nothing on Deno ${HOSTED_VERSION}`, async () => {
  const functions = new URL("../../supabase/functions/", import.meta.url);
  const folder = new URL("_shared/together-ai/", functions).href;
  const config = fileURLToPath(new URL("semantic-analysis/deno.json", functions));
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const script = `
    const { exchange, toEffects } = await import(Deno.args[0] + "exchange.ts");
    const error = await exchange("http://127.0.0.1:${port}", { method: "POST", body: "x" },
      () => {}, { timeoutMs: 5_000, effects: toEffects() }).catch((error) => error);
    console.log(error.name, error.mayBeBilled);
    Deno.exit();
  `;
  const deno = new Deno.Command(await findHostedDeno(), {
    args: ["eval", "--config", config, "--no-lock", script, folder],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  });
  const { stdout } = await deno.output();
  assert.equal(new TextDecoder().decode(stdout).trim(), "TogetherConnectionError false");
});

Deno.test(`a run of 100 known pictures takes less than half a second of CPU on Deno ${HOSTED_VERSION}`, async () => {
  await using stack = await startTestStack({
    denoBinary: await findHostedDeno(),
    functionEnvironment: { CATALOGUE_CONCURRENCY: "8" },
  });
  const admin = createTestClient(stack, stack.secretKey);
  await admin.storage.createBucket("photos", { public: false });
  const picture = Buffer.from(WOOD, "base64");
  for (let index = 0; index < 100; index++) {
    await admin.storage.from("photos")
      .upload(`${index}.jpg`, picture, { contentType: "image/jpeg" });
  }
  const jobs = Array.from({ length: 100 }, (_, index) => ({
    name: `Oak ${index}`,
    category: "wood",
    thumbnail_url: `storage://photos/${index}.jpg`,
  }));
  assert.equal((await admin.from("materials_catalog").insert(jobs)).error, null);
  await admin.rpc("semantic_analysis_enqueue");
  const first = await admin.functions.invoke("analyse-catalogue", { body: { limit: 1 } });
  assert.equal(first.data.analysed, 1, JSON.stringify(first));
  const pid = stack.processPid("analyse-catalogue");
  const before = await readCpuMs(pid);
  const { data } = await admin.functions.invoke("analyse-catalogue");
  const cpuMs = await readCpuMs(pid) - before;
  assert.deepEqual([data.ended, data.known, data.failed], ["idle", 99, 0], JSON.stringify(data));
  // A worker is retired after a second of it.
  assert.ok(cpuMs < 500, `${cpuMs} ms`);
});

/** User and system time of a process, in milliseconds; Linux counts it in hundredths of a second. */
async function readCpuMs(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
