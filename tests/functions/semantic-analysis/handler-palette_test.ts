/** A palette is its caller's own: in that caller's answer, and nowhere else. */
import assert from "node:assert/strict";
import { LEAD, STATE } from "../../support/fake-limiter.ts";
import { OAK, saying } from "../../support/fake-together.ts";
import { createFunction, IMAGE } from "../../support/function.ts";

const PALETTE = [{ hex: "#c8a878", share: 0.9, name: "golden tan" }];
const BLUE = [{ hex: "#2040c0", share: 0.9, name: "blue" }];

Deno.test("options.palette: the answer's material has it, with who measured it", async () => {
  const { post } = createFunction();
  const body = await (await post({ image_data: IMAGE, options: { palette: PALETTE } })).json();
  assert.deepEqual(body.material.palette, { source: "caller", colors: PALETTE });
  assert.deepEqual(body.warnings, []);
});

Deno.test("options.palette: it is in no cache key, no stored answer and no log line", async () => {
  const { post, limiter, lines } = createFunction();
  await post({ image_data: IMAGE, options: { palette: PALETTE } });
  await post({ image_data: IMAGE });
  const [first, second] = limiter.reserved;
  assert.equal(first!.cacheKey, second!.cacheKey);
  const [settled, other] = limiter.settled;
  assert.equal(settled!.answer?.body, other!.answer?.body);
  assert.doesNotMatch(settled!.answer!.body, /palette|COLOR_CONTRADICTED|c8a878/);
  assert.doesNotMatch(lines.join(), /palette|c8a878/);
});

Deno.test("options.palette: a hit and a follower have their own, or none", async () => {
  const { post: lead, limiter } = createFunction();
  await lead({ image_data: IMAGE, options: { palette: PALETTE } });
  const answer = limiter.settled[0]!.answer!.body;
  const hitDecision = { outcome: "hit", answer, ageMs: 1_000, state: STATE } as const;
  const { post } = createFunction({
    decisions: [
      hitDecision,
      hitDecision,
      { outcome: "follower", holder: "8a8d1d9e-1f0c-4c1b-9a57-0b5a4c5f3a11", state: STATE },
    ],
    awaitedAnswers: [{ state: "ready", answer }],
  });
  const hit = await (await post({ image_data: IMAGE })).json();
  assert.equal(hit.cached, true);
  assert.ok(!("palette" in hit.material));
  const own = await (await post({ image_data: IMAGE, options: { palette: BLUE } })).json();
  assert.deepEqual(own.material.palette.colors, BLUE);
  assert.deepEqual(own.warnings.map(({ code }: { code: string }) => code), ["COLOR_CONTRADICTED"]);
  const joined = await (await post({ image_data: IMAGE, options: { palette: PALETTE } })).json();
  assert.deepEqual(joined.material.palette.colors, PALETTE);
});

Deno.test("options.palette: a stream's result has it", async () => {
  const { post } = createFunction({ decisions: [LEAD] });
  const response = await post({
    image_data: IMAGE,
    options: { palette: PALETTE, stream: true },
  });
  const result = /event: result\ndata: (.*)\n/.exec(await response.text());
  assert.deepEqual(JSON.parse(result![1]!).material.palette.colors, PALETTE);
});

Deno.test("options.palette: an answer without a material has none", async () => {
  const { post } = createFunction({ answers: [saying("A plank of oak.")] });
  const body = await (await post({
    image_data: IMAGE,
    analysis_type: "general_description",
    options: { palette: BLUE },
  })).json();
  assert.equal(body.material, null);
  assert.deepEqual(body.warnings, []);
});

Deno.test("options.palette: a colour that the pixels contradict is a warning in words", async () => {
  const { post } = createFunction({
    answers: [saying({ ...OAK, colors: ["navy blue", "warm brown"] })],
  });
  const { warnings, material } = await (await post({
    image_data: IMAGE,
    options: { palette: PALETTE },
  })).json();
  assert.deepEqual(warnings, [{
    code: "COLOR_CONTRADICTED",
    message: 'The model said "navy blue", which is none of the measured colours: ' +
      "golden tan (#c8a878)",
  }]);
  assert.deepEqual(material.colors, ["navy blue", "warm brown"]);
});
