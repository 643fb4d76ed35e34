import assert from "node:assert/strict";
import {
  join,
  toEvent,
  toNetworkPieces,
} from "../../../../dev/together-stand-in/wire/event-stream.ts";
import fc from "../../../support/fast-check.ts";

Deno.test("toNetworkPieces() loses nothing and leaves no event unfinished at the end", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme" })), (texts) => {
    const events = texts.map(toEvent);
    const wire = new TextDecoder().decode(join(...toNetworkPieces(events)));
    assert.equal(wire, events.join(""));
  }));
});

Deno.test("toNetworkPieces() tears characters of several bytes, and now and then an event", () => {
  const pieces = toNetworkPieces(["a", "90°", "b", "cd", "e"]);
  const texts = pieces.map((piece) => new TextDecoder().decode(piece));
  assert.deepEqual(texts, ["a", "90\ufffd", "\ufffdb", "c", "de"]);
});
