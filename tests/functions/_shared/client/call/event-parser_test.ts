import assert from "node:assert/strict";
import { createParser } from "eventsource-parser";
import {
  createEventParser,
  type ServerSentEvent,
} from "../../../../../supabase/functions/_shared/client/call/event-parser.ts";
import fc from "../../../../support/fast-check.ts";

const parseAll = (texts: string[]) => texts.flatMap(createEventParser());

Deno.test("createEventParser() reads events, comments and data over several lines", () => {
  const text = ': heartbeat\n\nevent: delta\ndata: {"a":\ndata:1}\n\nid: 7\ndata\n\nevent: end\n\n';
  assert.deepEqual(parseAll([text]), [
    { event: "delta", data: '{"a":\n1}' },
    { event: "", data: "" },
  ]);
});

Deno.test("createEventParser() discards an event without its empty line", () => {
  assert.deepEqual(parseAll(["data: one\n\ndata: two\n"]), [{ event: "", data: "one" }]);
});

Deno.test("createEventParser() gives what eventsource-parser gives, however the text is cut", () => {
  const piece = fc.constantFrom(
    ..."event:|event: delta|data: |data:x|data|: no|id: 1|retry: 5|\n|\n\n|\r\n|\r\n\r\n|\r|x: y| :|ü"
      .split("|"),
  );
  const texts = fc.array(fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")));
  fc.assert(
    fc.property(texts, (cut) => {
      // A line more: whether a `\r` at the very end ends one is for what follows to say.
      const texts = [...cut, ": end\n"];
      const expected: ServerSentEvent[] = [];
      const oracle = createParser({
        onEvent: ({ event = "", data }) => expected.push({ event, data }),
      });
      for (const text of texts) oracle.feed(text);
      assert.deepEqual(parseAll(texts), expected);
    }),
    { numRuns: 2_000 },
  );
});
