/** What providers tell of their tokens, in many variants, and what is charged. */
import { OAK } from "../support/fake-together.ts";
import { assertCase } from "./replay.ts";
import { chunk, DONE, event, events, JSON_TEXT, streamed, whole } from "./replies.ts";
import { asStream, PROSE, STRUCTURE, testAll, WALL } from "./variants.ts";

const UNBELIEVABLE = [
  { prompt_tokens: 300_000_000, completion_tokens: 5 },
  { prompt_tokens: 9_000_000_000_000, completion_tokens: 5 },
  { prompt_tokens: 1e18, completion_tokens: 1e18 },
  { prompt_tokens: 0, completion_tokens: 0 },
  { prompt_tokens: 1_000, completion_tokens: 0 },
  { prompt_tokens: -5, completion_tokens: 5 },
  { prompt_tokens: "many", completion_tokens: 5 },
  { prompt_tokens: null, completion_tokens: 5 },
  { prompt_tokens: 1_000.5, completion_tokens: 5 },
  { total_tokens: 10 },
  {},
  [],
  "x",
];
for (const usage of UNBELIEVABLE) {
  const name = JSON.stringify(usage);
  const want = { status: 200, minSpentUsd: 0.002, maxSpentUsd: 0.02, maxCalls: 1 };
  Deno.test(`a usage that can't be, ${name}: charged at most`, async () => {
    await assertCase({ request: STRUCTURE, replies: [whole(JSON_TEXT, { usage })], want });
    await assertCase({ request: PROSE, replies: [whole(WALL, { usage })], want });
  });
  Deno.test(`a usage that can't be, ${name}, streamed: charged at most`, async () => {
    const replies = [streamed(JSON_TEXT, { usage })];
    await assertCase({ request: asStream(STRUCTURE), replies, want });
  });
}
Deno.test("a usage in every chunk: the last that is none is none", async () => {
  const usage = (completion_tokens: number) => ({ prompt_tokens: 1_000, completion_tokens });
  const body = chunk(WALL, null, { usage: usage(3) }) + chunk("", "stop", { usage: usage(9) }) +
    event({ choices: [], usage: { prompt_tokens: 0, completion_tokens: 0 } }) + DONE;
  const want = { status: 200, minSpentUsd: 0.0001, maxSpentUsd: 0.0003 };
  await assertCase({ request: asStream(PROSE), replies: [events(body)], want });
});
testAll("the usage of an answer of nothing is charged as told", () => [whole("")], {
  status: 502,
  maxSpentUsd: 0.003,
});
Deno.test("noise is charged as told, and doesn't spend what the next model needs", async () => {
  const replies = [whole("!!!!!!"), whole("!!!!!!"), whole("!!!!!!"), whole(JSON.stringify(OAK))];
  const want = { status: 200, family: "wood", maxCalls: 4, maxSpentUsd: 0.003 };
  await assertCase({ request: STRUCTURE, replies, want });
});
testAll(
  "answers of nothing, their usage unknown: the whole chain is asked all the same",
  (good) => [
    whole("", { usage: null }),
    whole("", { usage: null }),
    whole("", { usage: null }),
    good,
  ],
  { status: 200, models: "Muse", maxCalls: 4 },
);
