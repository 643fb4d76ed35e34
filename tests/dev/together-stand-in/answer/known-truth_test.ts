import assert from "node:assert/strict";
import { drawAnswer } from "../../../../dev/together-stand-in/answer/known-truth.ts";
import { parseFaults } from "../../../../dev/together-stand-in/faults/faults.ts";
import { createHash } from "node:crypto";
import { createPlainPicture, toDataUri } from "../pictures.ts";
import {
  createChatRequest,
  createMessages,
  createQuietStandIn,
  readCompletion,
} from "../requests.ts";

const ROWS = [{ said: 0.6, right: 0.3 }, { said: 0.9, right: 0.8 }];

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Stands for the bytes of a picture. */
const toBytes = (index: number) => new TextEncoder().encode(`picture ${index}`);

Deno.test("a known truth: what is said is right as often as the table has it", () => {
  const pictures = Array.from({ length: 4_000 }, (_, index) => toBytes(index));
  const families = Object.fromEntries(pictures.map((bytes) => [hashOf(bytes), "stone" as const]));
  const answers = pictures.map((bytes) =>
    drawAnswer({ seed: 1, families, rows: ROWS }, bytes, "a/a")!
  );
  const shareOf = (from: number, to: number) => {
    const those = answers.filter(({ said }) => said >= from && said < to);
    const right = those.filter(({ family }) => family === "stone").length / those.length;
    const told = those.reduce((sum, { right }) => sum + right, 0) / those.length;
    return { right, told, count: those.length };
  };
  for (
    const [from, to, expected] of [[0.6, 0.7, 0.383], [0.7, 0.8, 0.55], [0.8, 0.91, 0.717]] as const
  ) {
    const { right, told, count } = shareOf(from, to);
    assert.ok(Math.abs(right - expected) < 0.05, `${right} from ${from}`);
    assert.ok(Math.abs(told - expected) < 0.01);
    assert.ok(Math.abs(count - 4_000 / 3) < 150);
  }
  const wrong = answers.filter(({ family }) => family !== "stone");
  const among = wrong.filter(({ probabilities }) => probabilities.has("stone")).length;
  assert.ok(among / wrong.length > 0.95);
  for (const { probabilities } of answers) {
    assert.equal(probabilities.size, 6);
    const sum = [...probabilities.values()].reduce((total, each) => total + each, 0);
    assert.ok(Math.abs(sum - 1) < 1e-9);
  }
});

Deno.test("a known truth: the same picture is answered alike, another model or seed otherwise", () => {
  const families = Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [hashOf(toBytes(index)), "wood" as const]),
  );
  const draw = (seed: number, model: string) =>
    Array.from(
      { length: 50 },
      (_, index) => drawAnswer({ seed, families, rows: ROWS }, toBytes(index), model)?.said,
    );
  assert.deepEqual(draw(1, "a/a"), draw(1, "a/a"));
  assert.notDeepEqual(draw(1, "a/a"), draw(1, "b/b"));
  assert.notDeepEqual(draw(1, "a/a"), draw(2, "a/a"));
  assert.equal(drawAnswer({ seed: 1, families, rows: ROWS }, toBytes(99), "a/a"), null);
});

Deno.test("a known truth: the stand-in answers in the form that it is asked for, as the model asked for", async () => {
  const picture = await createPlainPicture("#ff0000");
  const standIn = createQuietStandIn({
    faults: parseFaults([{
      kind: "known_truth",
      times: "always",
      seed: 1,
      families: { [hashOf(picture)]: "leather" },
      rows: [{ said: 0.9, right: 1 }],
    }]),
  });
  const ask = async (bytes: Uint8Array, more: object = {}) =>
    await readCompletion(
      await standIn.fetch(createChatRequest({
        messages: createMessages(
          toDataUri(bytes),
          "Answer with one JSON object: family, confidence",
        ),
        logprobs: 5,
        ...more,
      })),
    );
  const known = await ask(picture);
  const { message, logprobs } = known.choices[0]!;
  const material = JSON.parse(message.content);
  assert.deepEqual([material.family, material.confidence], ["leather", 0.9]);
  assert.match(material.description, /^Looks most like leather\./);
  assert.equal(known.model, "some/model");
  const { token_logprobs } = logprobs as { token_logprobs: number[] };
  const sum = token_logprobs.reduce((total, each) => total + each, 0);
  assert.ok(Math.abs(Math.exp(sum) - 0.9) < 1e-9);
  const prose = await ask(picture, { messages: createMessages(toDataUri(picture), "What is it?") });
  assert.match(prose.choices[0]!.message.content, /^Looks most like leather\./);
  // Of another picture nothing is known.
  const other = await ask(await createPlainPicture("#00ff00"));
  assert.equal(other.model, "some/model");
  assert.notEqual(JSON.parse(other.choices[0]!.message.content).family, "leather");
});
