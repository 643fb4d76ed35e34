/** More pictures at once than a worker has memory for. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Answer, OAK, saying } from "../../support/fake-together.ts";
import { createFunction } from "../../support/function.ts";
import { toGifOfLength } from "../../support/pictures.ts";

const slowly: Answer = async (signal, clock) => {
  await clock.sleep(5_000, signal);
  return saying(OAK)(signal, clock);
};

Deno.test("a body for which memory is short gets 503 OVERLOADED and takes no unit; later ones are answered", async () => {
  const { post, limiter } = createFunction({ answers: [slowly], maxBytesInFlight: 160_000 });
  const picture = JSON.stringify({
    image_data: Buffer.from(toGifOfLength(50_000)).toString("base64"),
  });
  const announced = { "Content-Length": String(picture.length) };
  // Each is 67 KB of base64, and there is room for 160. Larger ones are hashed on another thread, for
  // which the clock does not wait.
  const responses = await Promise.all([1, 2, 3, 4].map(() => post(picture, announced)));
  assert.deepEqual(responses.map(({ status }) => status).toSorted(), [200, 200, 503, 503]);
  assert.equal(limiter.reserved.length, 2);
  for (const refused of responses.filter(({ status }) => status === 503)) {
    assert.equal((await refused.json()).error.code, "OVERLOADED");
    assert.equal(refused.headers.get("retry-after"), "1");
    assert.equal(refused.headers.get("access-control-allow-origin"), "*");
  }
  assert.equal((await post(picture, announced)).status, 200);
});
