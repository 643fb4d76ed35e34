import assert from "node:assert/strict";
import { createLog } from "../../../../supabase/functions/_shared/platform/log.ts";
import fc from "../../../support/fast-check.ts";

/** A log and the lines it has written. */
function createTestLog() {
  const lines: [level: string, line: string][] = [];
  return { log: createLog((level, line) => lines.push([level, line])), lines };
}

Deno.test("createLog() writes one line of JSON with level, event and fields", () => {
  const { log, lines } = createTestLog();
  log.info("started", { port: 1, nested: { a: [true, null] } });
  log.error("failed");
  assert.deepEqual(lines, [
    ["info", '{"level":"info","event":"started","port":1,"nested":{"a":[true,null]}}'],
    ["error", '{"level":"error","event":"failed"}'],
  ]);
});

Deno.test("createLog() leaves out fields that are undefined", () => {
  const { log, lines } = createTestLog();
  log.info("started", { a: undefined, b: null });
  assert.deepEqual(JSON.parse(lines[0]![1]), { level: "info", event: "started", b: null });
});

Deno.test("createLog() keeps each entry on one line, whatever it holds", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.jsonValue(), (text, value) => {
    const { log, lines } = createTestLog();
    log.info(text, { text: `${text}\r\n`, value });
    assert.equal(lines.length, 1);
    const [, line] = lines[0]!;
    assert.doesNotMatch(line, /[\r\n]/);
    assert.equal(JSON.parse(line).text, `${text}\r\n`);
  }));
});

Deno.test("createLog() writes to the console of the same level by default", () => {
  const { info, error } = console;
  const lines: unknown[] = [];
  console.info = (...args: unknown[]) => lines.push(["info", ...args]);
  console.error = (...args: unknown[]) => lines.push(["error", ...args]);
  try {
    const log = createLog();
    log.info("one");
    log.error("two");
  } finally {
    console.info = info;
    console.error = error;
  }
  assert.deepEqual(lines, [
    ["info", '{"level":"info","event":"one"}'],
    ["error", '{"level":"error","event":"two"}'],
  ]);
});
