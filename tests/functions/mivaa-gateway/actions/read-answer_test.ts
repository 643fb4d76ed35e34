import assert from "node:assert/strict";
import { readAnswer } from "../../../../supabase/functions/mivaa-gateway/actions/read-answer.ts";
import { assertRejected } from "../../../support/api-errors.ts";

/** A response in pieces of three bytes, and whether the rest of it was cancelled. */
function respond(text: string) {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const state = { isCancelled: false };
  const body = new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += 3));
    },
    cancel: () => void (state.isCancelled = true),
  }, { highWaterMark: 0 });
  return { response: new Response(body), state };
}

Deno.test("readAnswer() reads JSON of as many bytes as are taken, and cancels what is longer", async () => {
  const json = '{"name":"Größe"}';
  const byteLength = new TextEncoder().encode(json).length;
  assert.deepEqual(await readAnswer(respond(json).response, byteLength), { name: "Größe" });
  assert.equal(await readAnswer(respond("null").response, 4), null);
  const { response, state } = respond(json);
  const { message } = await assertRejected(
    readAnswer(response, byteLength - 1),
    "UPSTREAM_INVALID_RESPONSE",
  );
  assert.match(message, /sent more than is taken/);
  assert.equal(state.isCancelled, true);
});

Deno.test("readAnswer(): what is no JSON, and what has no body, is refused in words", async () => {
  for (const response of [respond("<html>").response, respond("").response, new Response(null)]) {
    const { message } = await assertRejected(
      readAnswer(response, 100),
      "UPSTREAM_INVALID_RESPONSE",
    );
    assert.match(message, /did not answer with JSON/);
  }
});
