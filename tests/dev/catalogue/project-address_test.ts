import assert from "node:assert/strict";
import { describeUnreached, findProject } from "../../../dev/catalogue/project-address.ts";

Deno.test("findProject() says what of a project's address is missing", async () => {
  const url = "https://ref.supabase.co";
  assert.deepEqual(await findProject({ SUPABASE_URL: url, SUPABASE_SECRET_KEY: "sb_secret_a" }), {
    url,
    secretKey: "sb_secret_a",
  });
  await assert.rejects(findProject({ SUPABASE_URL: url }), /Set SUPABASE_SECRET_KEY .* "https:/);
  await assert.rejects(findProject({ SUPABASE_SECRET_KEY: "sb_secret_a" }), /Set SUPABASE_URL/);
});

Deno.test("describeUnreached() tells the cause of a failed fetch, and how the local stack is started", () => {
  const cause = new Error(
    "error sending request for url (http://127.0.0.1:54321/a): tcp connect error: Connection refused",
  );
  const failed = new TypeError("fetch failed", { cause });
  const local = "http://127.0.0.1:54321";
  assert.equal(
    describeUnreached(local, failed),
    `"${local}" can't be reached: tcp connect error: Connection refused; ` +
      "deno task dev starts the local stack",
  );
  const remote = "https://ref.supabase.co";
  assert.equal(
    describeUnreached(remote, new TypeError("refused")),
    `"${remote}" can't be reached: refused`,
  );
});
