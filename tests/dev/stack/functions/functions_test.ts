import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startTestStack } from "../../../../dev/stack/testing/test-database.ts";
import { until } from "../../../support/until.ts";

const functionsDirectory = fileURLToPath(new URL("../fixtures", import.meta.url));
const options = { functionsDirectory, standIn: false };

Deno.test("functions run as on the platform", async (t) => {
  await using stack = await startTestStack({
    ...options,
    functionEnvironment: { GREETING: "hello", SUPABASE_URL: "can't be set by hand" },
  });
  const url = `${stack.apiUrl}/functions/v1/echo`;

  await t.step("see their name in the path, and the headers unchanged", async () => {
    const headers = { apikey: "anything", "x-custom": "1", authorization: "Bearer whatever" };
    const response = await fetch(`${url}/a%20b/c?d=e%2Ff`, {
      method: "POST",
      headers,
      body: new Uint8Array(3_000_000),
    });
    assert.equal(response.headers.get("x-from-function"), "yes");
    const seen = await response.json();
    assert.equal(seen.method, "POST");
    assert.equal(seen.path, "/echo/a%20b/c?d=e%2Ff");
    assert.equal(seen.bodyLength, 3_000_000);
    assert.equal(seen.headers["content-length"], "3000000");
    for (const [name, value] of Object.entries(headers)) assert.equal(seen.headers[name], value);
    assert.equal(seen.headers.connection, undefined);
  });
  await t.step("have the platform's variables and their own settings, and no others", async () => {
    const { environment } = await (await fetch(url)).json();
    assert.equal(environment.SUPABASE_URL, stack.apiUrl);
    assert.deepEqual(JSON.parse(environment.SUPABASE_PUBLISHABLE_KEYS), {
      default: stack.publishableKey,
    });
    assert.deepEqual(JSON.parse(environment.SUPABASE_SECRET_KEYS), { default: stack.secretKey });
    assert.deepEqual(JSON.parse(environment.SUPABASE_JWKS), stack.jwks);
    assert.equal(JSON.parse(environment.SUPABASE_JWKS).keys[0].d, undefined);
    assert.equal(environment.SUPABASE_ANON_KEY, stack.anonKey);
    assert.equal(environment.SUPABASE_SERVICE_ROLE_KEY, stack.serviceRoleKey);
    assert.equal(environment.SUPABASE_DB_URL, stack.databaseUrl);
    assert.equal(environment.SB_REGION, "local");
    assert.equal(environment.GREETING, "hello");
    assert.equal(environment.TEST_DATABASE_URL, undefined);
  });
  await t.step("may use the network and the environment, nothing else", async () => {
    const permissions = await (await fetch(`${url}/permissions`)).json();
    assert.deepEqual(permissions, {
      net: "granted",
      env: "granted",
      read: "prompt",
      write: "prompt",
      run: "prompt",
      ffi: "prompt",
      sys: "prompt",
    });
  });
  await t.step("stream their answer, and learn that the reader has gone", async () => {
    const response = await fetch(`${url}/stream`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, "first");
    assert.equal(await (await fetch(`${url}/release`)).json(), true);
    assert.equal((await reader.read()).value, "second");
    await reader.cancel();
    assert.equal(await (await fetch(`${url}/cancelled`)).json(), true);
  });
  await t.step("have their lines in the log, under their name", async () => {
    await until(() => Promise.resolve(stack.logs("echo").some(({ line }) => line === "saw /echo")));
  });
  await t.step("are 404 when there is none of that name, or it's shared code", async () => {
    for (const name of ["nothing", "_not-a-function"]) {
      const response = await fetch(`${stack.apiUrl}/functions/v1/${name}`);
      assert.equal(response.status, 404);
      assert.deepEqual(await response.json(), {
        code: "NOT_FOUND",
        message: "Requested function was not found",
      });
    }
  });
  await t.step("can be stopped and started again", async () => {
    await stack.stopProcess("echo");
    const down = await fetch(url);
    assert.ok(down.status >= 500, `got ${down.status}`);
    await down.body?.cancel();
    await stack.restartProcess("echo");
    assert.equal((await (await fetch(url)).json()).path, "/echo");
  });
});
