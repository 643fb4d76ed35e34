import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Stack } from "../../../../dev/stack/stack.ts";
import { startTestStack } from "../../../../dev/stack/testing/test-database.ts";

const functionsDirectory = fileURLToPath(new URL("../fixtures", import.meta.url));
const picture = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3, 4]);
const blob = new Blob([picture], { type: "image/png" });
const missing = "00000000-0000-0000-0000-000000000000";

async function startWithBuckets() {
  const stack = await startTestStack({ functionsDirectory, standIn: false });
  await stack.database.connect().unsafe(`
    create policy own_folder on storage.objects for all to authenticated
      using (bucket_id = 'photos' and (storage.foldername(name))[1] = (select auth.uid())::text)
      with check (bucket_id in ('photos', 'shop')
        and (storage.foldername(name))[1] = (select auth.uid())::text);
  `);
  const admin = connectClient(stack, stack.secretKey);
  const made = await admin.storage.createBucket("photos", {
    public: false,
    fileSizeLimit: 1000,
    allowedMimeTypes: ["image/*"],
  });
  assert.equal(made.error, null);
  assert.equal((await admin.storage.createBucket("shop", { public: true })).error, null);
  return { stack, admin };
}

function connectClient(stack: Stack, key = stack.publishableKey): SupabaseClient {
  return createClient(stack.apiUrl, key, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
}

async function signIn(stack: Stack) {
  const client = connectClient(stack);
  const { data } = await client.auth.signInAnonymously();
  return { id: data.user!.id, photos: client.storage.from("photos"), client };
}

Deno.test("the stand-in of Storage serves an unmodified supabase-js", async (t) => {
  const { stack, admin } = await startWithBuckets();
  await using _stack = stack;
  const [ada, bob] = [await signIn(stack), await signIn(stack)];
  const path = `${ada.id}/oak & more/a+b.png`;

  await t.step("upload: a user's own folder is theirs, with id, key, etag and owner", async () => {
    const { data, error } = await ada.photos.upload(path, blob, { metadata: { room: "hall" } });
    assert.equal(error, null);
    assert.equal(data!.fullPath, `photos/${path}`);
    const [row] = await stack.database.connect()`
      select id, owner_id, owner::text, version, metadata, user_metadata from storage.objects`;
    assert.equal(row!.id, data!.id);
    assert.equal(row!.owner_id, ada.id);
    assert.equal(row!.owner, ada.id);
    assert.deepEqual(row!.user_metadata, { room: "hall" });
    assert.equal(row!.metadata.mimetype, "image/png");
    assert.equal(row!.metadata.eTag, `"${createHash("md5").update(picture).digest("hex")}"`);
  });

  await t.step("upload: elsewhere, twice, too large and of another type are refused", async () => {
    const elsewhere = await bob.photos.upload(path, blob, { upsert: true });
    assert.equal(elsewhere.error?.message, "new row violates row-level security policy");
    assert.deepEqual(statusOf(elsewhere.error), { status: 400, statusCode: "403" });
    assert.deepEqual(statusOf((await ada.photos.upload(path, blob)).error), {
      status: 400,
      statusCode: "409",
    });
    const large = new Blob([new Uint8Array(1001)], { type: "image/png" });
    assert.equal(
      statusOf((await ada.photos.upload(`${ada.id}/x`, large)).error).statusCode,
      "413",
    );
    const text = await ada.photos.upload(`${ada.id}/x`, "text", { contentType: "text/plain" });
    assert.equal(statusOf(text.error).statusCode, "415");
    const key = await ada.photos.upload(`${ada.id}/ü.png`, blob);
    assert.match(key.error!.message, /^Invalid key: /);
    const bucket = await ada.client.storage.from("none").upload("a.png", blob);
    assert.equal(bucket.error?.message, "Bucket not found");
  });

  await t.step("info and download: for the owner and the secret key alone", async () => {
    const { data } = await ada.photos.info(path);
    assert.equal(data!.size, picture.length);
    assert.equal(data!.contentType, "image/png");
    for (const photos of [ada.photos, admin.storage.from("photos")]) {
      const { data: content } = await photos.download(path);
      assert.deepEqual(new Uint8Array(await content!.arrayBuffer()), picture);
    }
    assert.equal((await bob.photos.download(path)).data, null);
    const foreign = (await bob.photos.info(path)).error;
    assert.deepEqual(statusOf(foreign), { status: 400, statusCode: "404" });
    const absent = (await bob.photos.info(`${ada.id}/none.png`)).error;
    assert.equal(foreign!.message, absent!.message);
    const bucket = (await bob.client.storage.from("none").info("a.png")).error;
    assert.equal(bucket!.message, "Bucket not found");
  });

  await t.step("signing: many at once for every key, each with a result or an error", async () => {
    const { data } = await ada.photos.createSignedUrls([path, "none.png"], 60);
    assert.equal(
      data![1]!.error,
      "Either the object does not exist or you do not have access to it",
    );
    const response = await fetch(encodeFor(stack, data![0]!));
    assert.equal(response.headers.get("content-type"), "image/png");
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), picture);
    const forBob = await bob.photos.createSignedUrls([path], 60);
    assert.match(forBob.data![0]!.error!, /^Either the object/);
  });

  await t.step(
    "signing: a foreign object, a missing one and a missing bucket look alike",
    async () => {
      const answers = [
        await bob.photos.createSignedUrl(path, 60),
        await bob.photos.createSignedUrl("none.png", 60),
        await bob.client.storage.from("none").createSignedUrl("a.png", 60),
      ];
      for (const { error } of answers) {
        assert.deepEqual([error!.message, statusOf(error)], [
          "Object not found",
          { status: 400, statusCode: "404" },
        ]);
      }
      assert.match((await ada.photos.createSignedUrl(path, 0)).error!.message, />= 1/);
    },
  );

  await t.step("signing: transform is ignored, and a token is one object's", async () => {
    const plain = `${ada.id}/plain.png`;
    await ada.photos.upload(plain, picture, { contentType: "image/png" });
    const { data } = await ada.photos.createSignedUrl(plain, 60, { transform: { width: 100 } });
    assert.match(data!.signedUrl, /\/storage\/v1\/object\/sign\/photos\//);
    const ranged = await fetch(data!.signedUrl, { headers: { range: "bytes=0-3" } });
    assert.equal(ranged.status, 206);
    assert.equal(ranged.headers.get("content-range"), "bytes 0-3/8");
    assert.deepEqual(new Uint8Array(await ranged.arrayBuffer()), picture.slice(0, 4));
    const outside = await fetch(data!.signedUrl, { headers: { range: "bytes=8-" } });
    assert.equal(outside.status, 416);
    await outside.body?.cancel();
    const other = await fetch(data!.signedUrl.replace("plain.png", "other.png"));
    assert.equal((await other.json()).code, "InvalidSignature");
  });

  await t.step("upsert: equal bytes keep id and etag and change the version", async () => {
    const before = (await ada.photos.info(path)).data!;
    assert.equal((await ada.photos.upload(path, blob, { upsert: true })).error, null);
    const after = (await ada.photos.info(path)).data!;
    assert.deepEqual([after.id, after.etag], [before.id, before.etag]);
    assert.notEqual(after.version, before.version);
  });

  await t.step("a trigger sees a rolled-back test as the user, then one insert", async () => {
    const sql = stack.database.connect();
    await sql.unsafe(`
      create schema watch;
      create table watch.events (event text, version text, actor text);
      create function watch.note() returns trigger language plpgsql security definer as $$
      begin
        insert into watch.events values (tg_op, new.version, current_setting('role'));
        return null;
      end $$;
      create trigger note after insert or update of version on storage.objects
        for each row execute function watch.note();
    `);
    assert.equal((await ada.photos.upload(`${ada.id}/seen.png`, blob)).error, null);
    assert.equal(
      (await ada.photos.upload(`${ada.id}/seen.png`, blob, { upsert: true })).error,
      null,
    );
    const events = await sql`select event, actor from watch.events`;
    assert.deepEqual(events.map((row) => ({ ...row })), [
      { event: "INSERT", actor: "service_role" },
      { event: "UPDATE", actor: "service_role" },
    ]);
  });

  await t.step("a public bucket is readable by all; signing it asks the policies", async () => {
    const shop = ada.client.storage.from("shop");
    const name = `${ada.id}/oak.png`;
    assert.equal((await shop.upload(name, blob)).error, null);
    const { data } = shop.getPublicUrl(name);
    assert.deepEqual(new Uint8Array(await (await fetch(data.publicUrl)).arrayBuffer()), picture);
    assert.equal((await connectClient(stack).storage.from("shop").info(name)).error, null);
    const signed = await bob.client.storage.from("shop").createSignedUrl(name, 60);
    assert.equal(signed.error?.message, "Object not found");
    const privately = ada.photos.getPublicUrl(path).data.publicUrl;
    const refused = await fetch(privately);
    assert.equal(refused.status, 400);
    assert.equal((await refused.json()).message, "Bucket not found");
  });

  await t.step(
    "remove: only what the caller may delete; a statement past the API fails",
    async () => {
      assert.deepEqual((await bob.photos.remove([path])).data, []);
      const sql = stack.database.connect();
      await assert.rejects(sql`delete from storage.objects`.execute(), /Use the Storage API/);
      const { data } = await ada.photos.remove([path, "none.png"]);
      assert.deepEqual(data!.map(({ name }) => name), [path]);
      assert.equal((await ada.photos.download(path)).data, null);
    },
  );

  await t.step(
    "an expired token is ignored on open paths, and refused where one is needed",
    async () => {
      const authorization = `Bearer ${await stack.signUserToken({ sub: ada.id, exp: 1 })}`;
      const ask = async (path: string, init: RequestInit = {}) => {
        const url = `${stack.apiUrl}/storage/v1/object/${path}`;
        return await (await fetch(url, { ...init, headers: { authorization } })).json();
      };
      assert.equal((await ask(`info/photos/${missing}.png`)).code, "NoSuchBucket");
      assert.equal((await ask(`info/authenticated/photos/${missing}.png`)).code, "AccessDenied");
      assert.equal((await ask(`sign/photos`, { method: "POST" })).statusCode, "403");
    },
  );

  await t.step("a route that the stand-in does not serve is unknown", async () => {
    const { error } = await ada.photos.list();
    assert.match(error!.message, /^Route POST:\/object\/list\/photos not found$/);
  });
});

function statusOf(error: unknown) {
  const { status, statusCode } = error as { status: number; statusCode: string };
  return { status, statusCode };
}

/** The bulk form's URL has a raw key in it, so the path is encoded anew, segment by segment. */
function encodeFor(
  stack: Stack,
  signed: { path: string | null; signedUrl: string | null },
): string {
  const token = signed.signedUrl!.slice(signed.signedUrl!.lastIndexOf("?token=") + 7);
  const path = signed.path!.split("/").map(encodeURIComponent).join("/");
  return `${stack.apiUrl}/storage/v1/object/sign/photos/${path}?token=${token}`;
}
