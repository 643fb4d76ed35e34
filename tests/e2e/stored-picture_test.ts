/** Pictures in Storage, with two users and a private bucket, through an unmodified supabase-js. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Stack } from "../../dev/stack/stack.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import {
  createTestClient,
  invoke,
  request,
  signUp,
  takeUpstreamRequests,
  TINY,
  WOOD,
} from "./project.ts";

const wood = new Blob([Buffer.from(WOOD, "base64")], { type: "image/jpeg" });

async function startWithBuckets() {
  const stack = await startTestStack({
    functionEnvironment: {
      RATE_LIMIT_PER_MINUTE: "1000",
      RATE_LIMIT_CONCURRENT: "100",
      MIVAA_GATEWAY_KEYS: "a-static-key-of-a-browser",
    },
  });
  await stack.database.connect().unsafe(`
    insert into storage.buckets (id, name, public)
    values ('photos', 'photos', false), ('shop', 'shop', true);
    create policy own_folder on storage.objects for all to authenticated
      using (bucket_id = 'photos' and (storage.foldername(name))[1] = (select auth.uid())::text);
  `);
  return stack;
}

const analyse = (supabase: SupabaseClient, image: unknown, headers: Record<string, string> = {}) =>
  invoke(supabase, { body: { image }, headers });

const admin = (stack: Stack) => createTestClient(stack, stack.secretKey);

Deno.test("a picture in Storage", async (t) => {
  await using stack = await startWithBuckets();
  const [ada, bob] = [await signUp(stack), await signUp(stack)];
  const image = { bucket: "photos", path: `${ada.id}/oak & more/a+b.jpg` };
  const uploaded = await ada.supabase.storage.from("photos").upload(image.path, wood);
  assert.equal(uploaded.error, null);

  await t.step("is analysed for its owner, and a second time known", async () => {
    const { status, body } = await analyse(ada.supabase, image);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.material.family, "wood");
    assert.deepEqual(body.warnings, []);
    assert.equal((await analyse(ada.supabase, image)).body.cached, true);
    assert.equal((await takeUpstreamRequests(stack)).length, 1);
  });

  await t.step("is not there for another user, like one that is missing", async () => {
    const answers = [
      await analyse(bob.supabase, image),
      await analyse(bob.supabase, { ...image, path: `${bob.id}/none.jpg` }),
      await analyse(bob.supabase, { bucket: "none", path: "a.jpg" }),
    ];
    for (const { status, body } of answers) {
      const { request_id: _, ...error } = body.error;
      assert.deepEqual([status, error], [404, {
        code: "IMAGE_NOT_FOUND",
        message: "There is no such picture in Storage, or you may not read it",
      }]);
    }
    assert.equal((await takeUpstreamRequests(stack)).length, 0);
  });

  await t.step("is there for the secret, and in a user's name only for the owner", async () => {
    assert.equal((await analyse(admin(stack), image)).status, 200);
    assert.equal((await analyse(admin(stack), image, { "x-user-id": ada.id })).status, 200);
    // A backend that forwards a path which another user has sent.
    const foreign = await analyse(admin(stack), image, { "x-user-id": bob.id });
    assert.deepEqual([foreign.status, foreign.body.error.code], [404, "IMAGE_NOT_FOUND"]);
  });

  await t.step("in a public bucket is there for all", async () => {
    const place = { bucket: "shop", path: "oak.jpg" };
    await admin(stack).storage.from("shop").upload(place.path, wood);
    assert.equal((await analyse(bob.supabase, place)).status, 200);
  });

  await t.step("that was replaced is analysed again", async () => {
    await takeUpstreamRequests(stack);
    const gif = new Blob([Buffer.from(TINY, "base64")], { type: "image/gif" });
    await ada.supabase.storage.from("photos").upload(image.path, gif, { upsert: true });
    assert.equal((await analyse(ada.supabase, image)).body.cached, false);
    assert.equal((await takeUpstreamRequests(stack)).length, 1);
    await ada.supabase.storage.from("photos").upload(image.path, wood, { upsert: true });
    assert.equal((await analyse(ada.supabase, image)).body.cached, true, "these bytes are known");
  });

  await t.step("that is replaced meanwhile has a warning, and its answer is not kept", async () => {
    const place = { bucket: "photos", path: `${ada.id}/replaced.gif` };
    const gif = new Blob([Buffer.from(TINY, "base64"), ";"], { type: "image/gif" });
    await ada.supabase.storage.from("photos").upload(place.path, gif);
    const sql = stack.database.connect({ maxConnections: 1 });
    // Between the look at the picture and the model is the reservation.
    await sql.unsafe(`
      create function public.replace_picture() returns trigger language plpgsql security definer
      as $$ begin
        update storage.objects set id = gen_random_uuid() where name like '%/replaced.gif';
        return null;
      end $$;
      create trigger replace_picture after insert or update on semantic_analysis.rate_limits
        execute function public.replace_picture()`);
    const codes = async () => {
      const { body } = await analyse(ada.supabase, place);
      assert.equal(body.cached, false, JSON.stringify(body));
      return body.warnings.map(({ code }: { code: string }) => code);
    };
    assert.deepEqual(await codes(), ["IMAGE_CHANGED"]);
    await sql`drop trigger replace_picture on semantic_analysis.rate_limits`;
    assert.deepEqual(await codes(), []);
    assert.equal((await analyse(ada.supabase, place)).body.cached, true);
  });

  await t.step("is searched with, by who may read it", async () => {
    const search = (supabase: SupabaseClient) =>
      invoke(supabase, {
        body: { search_type: "semantic_analysis", query_image: image },
      }, "visual-search");
    assert.equal((await search(ada.supabase)).status, 200);
    const { status, body } = await search(bob.supabase);
    assert.deepEqual([status, body.error.code], [404, "IMAGE_NOT_FOUND"]);
  });

  await t.step("goes through the gateway for users, not for a static key", async () => {
    const send = (authorization: string) =>
      request(stack, {
        path: "/mivaa-gateway",
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify({ action: "semantic_analysis", payload: { image } }),
      });
    assert.equal((await send(`Bearer ${ada.token}`)).status, 200);
    const { status, body } = await send("Bearer a-static-key-of-a-browser");
    assert.deepEqual([status, body.error.code], [403, "FORBIDDEN"]);
  });
});
