/** What the calls of a project make of answers that are no success. */
import assert from "node:assert/strict";
import { createCatalogueProject } from "../../../dev/catalogue/project.ts";
import { CatalogueError } from "../../../dev/catalogue/project-address.ts";

const url = "https://project.example";

async function readFailure(answer: () => Promise<Response>): Promise<[string, boolean]> {
  const project = createCatalogueProject({ url, secretKey: "sb_secret_x" }, answer);
  const error = await project.readProgress({ run: "r" }).then(() => null, (thrown) => thrown);
  assert.ok(error instanceof CatalogueError, String(error));
  return [error.message, error.isPassing];
}

const json = (body: unknown, status: number) => () =>
  Promise.resolve(Response.json(body, { status }));

Deno.test("catalogue project: an answer's own sentence is told, and whether a later call may do", async () => {
  const path = "/functions/v1/analyse-catalogue";
  assert.deepEqual(await readFailure(json({ error: { message: "No credential" } }, 401)), [
    `${path} answered 401: No credential; SUPABASE_SECRET_KEY must be a secret key of "${url}"`,
    false,
  ]);
  assert.deepEqual(await readFailure(json({ message: "out of range" }, 400)), [
    `${path} answered 400: out of range`,
    false,
  ]);
  assert.deepEqual(
    await readFailure(() => Promise.resolve(new Response("boom", { status: 546 }))),
    [
      `${path} answered 546: boom`,
      true,
    ],
  );
  const unset = json({ error: { code: "NOT_CONFIGURED", message: "Unset" } }, 503);
  assert.deepEqual(await readFailure(unset), [`${path} answered 503: Unset`, false]);
});

Deno.test("catalogue project: of more failures than the function tells, the last thousand are asked for", async () => {
  const asked: string[] = [];
  const project = createCatalogueProject({ url, secretKey: "sb_secret_x" }, (input) => {
    asked.push(String(input));
    return Promise.resolve(Response.json({}));
  });
  await project.readProgress({ failures: 20_000 });
  assert.deepEqual(asked, [`${url}/functions/v1/analyse-catalogue?failures=1000`]);
});

Deno.test("catalogue project: a page in place of JSON, and an address that is not reached, are told", async () => {
  assert.deepEqual(await readFailure(() => Promise.resolve(new Response("<html>"))), [
    `"${url}" is no Supabase project: /functions/v1/analyse-catalogue?failures=0&run=r is no JSON`,
    false,
  ]);
  const unreached = await readFailure(() => Promise.reject(new TypeError("refused")));
  assert.deepEqual(unreached, [`"${url}" can't be reached: refused`, true]);
});
