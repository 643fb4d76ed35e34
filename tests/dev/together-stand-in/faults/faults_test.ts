import assert from "node:assert/strict";
import {
  FaultQueue,
  type FaultTarget,
  parseFaults,
} from "../../../../dev/together-stand-in/faults/faults.ts";

function target(
  route: FaultTarget["route"],
  model: string | null,
  isStream = false,
): FaultTarget {
  return { route, model, isStream };
}

Deno.test("parseFaults() refuses unknown kinds and misspelt settings", () => {
  assert.throws(() => parseFaults([{ kind: "explode" }]));
  assert.throws(() => parseFaults([{ kind: "delay", delay: 5 }]));
  assert.throws(() => parseFaults([{ kind: "status" }]));
  assert.throws(() => parseFaults([{ kind: "html", times: 0 }]));
  assert.throws(() => parseFaults({ kind: "html" }));
});

Deno.test("parseFaults() takes each number up to its bounds, and nothing beyond", () => {
  const taken: Record<string, unknown>[] = [
    { kind: "status", status: 200 },
    { kind: "status", status: 599 },
    { kind: "stream_error", status: 400 },
    { kind: "stream_error", status: 599 },
    { kind: "delay", delayMs: 0 },
    { kind: "stream_cut", chunks: 0 },
    { kind: "html", times: 1 },
  ];
  for (const fault of taken) assert.equal(parseFaults([fault]).length, 1, JSON.stringify(fault));
  const refused: Record<string, unknown>[] = [
    { kind: "status", status: 199 },
    { kind: "status", status: 600 },
    { kind: "stream_error", status: 399 },
    { kind: "stream_error", status: 600 },
    { kind: "delay", delayMs: -1 },
    { kind: "stream_cut", chunks: -1 },
  ];
  for (const fault of refused) assert.throws(() => parseFaults([fault]), JSON.stringify(fault));
});

Deno.test("FaultQueue uses faults up in order", () => {
  const queue = new FaultQueue([{ kind: "html" }, { kind: "garbage", times: 2 }]);
  const kinds = Array.from({ length: 4 }, () => queue.take(target("chat", "a"))?.kind ?? null);
  assert.deepEqual(kinds, ["html", "garbage", "garbage", null]);
});

Deno.test("FaultQueue never uses up a fault that is told for always", () => {
  const queue = new FaultQueue([{ kind: "retired", times: "always" }]);
  for (let request = 0; request < 5; request++) {
    assert.equal(queue.take(target("chat", "a"))?.kind, "retired");
  }
  assert.equal(queue.list()[0]?.times, "always");
});

Deno.test("FaultQueue keeps a fault for its model and route", () => {
  const queue = new FaultQueue([
    { kind: "retired", model: "old" },
    { kind: "html", route: "models" },
  ]);
  assert.equal(queue.take(target("chat", "new")), null);
  assert.equal(queue.take(target("chat", "old"))?.kind, "retired");
  assert.equal(queue.take(target("models", null))?.kind, "html");
  assert.deepEqual(queue.list(), []);
});

Deno.test("FaultQueue keeps the faults of streams for streams", () => {
  const queue = new FaultQueue([{ kind: "stream_cut" }, { kind: "html" }]);
  assert.equal(queue.take(target("chat", "a"))?.kind, "html");
  assert.equal(queue.take(target("chat", "a")), null);
  assert.equal(queue.take(target("chat", "a", true))?.kind, "stream_cut");
});
