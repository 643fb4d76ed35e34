import assert from "node:assert/strict";
import { parseDeadlineMs } from "../../../../../supabase/functions/_shared/platform/http/deadline.ts";

const parse = (value?: string) =>
  parseDeadlineMs(
    new Request(
      "http://localhost",
      value === undefined ? {} : {
        headers: { "X-Deadline-Ms": value },
      },
    ),
  );

Deno.test("parseDeadlineMs() keeps a second for the way back", () => {
  assert.equal(parse("11000"), 10_000);
  assert.equal(parse("0"), -1_000);
});

Deno.test("parseDeadlineMs() takes what is no number of milliseconds for none", () => {
  for (const value of [undefined, "", "soon", "-1", "1.5", "1e3", "9999999999", "1,2"]) {
    assert.equal(parse(value), Infinity, value);
  }
});
