/** The one line of a request, and what is never in it. */
import assert from "node:assert/strict";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { createTestEndpoint, ok, throwing } from "./test-endpoint.ts";

Deno.test("createEndpoint() logs one line for a success", async () => {
  const { call, entries, pass } = createTestEndpoint((_request, { note }) => {
    pass(7);
    note({ caller: "user" });
    return Promise.resolve(Response.json({}));
  });
  await call();
  assert.deepEqual(entries, [{
    level: "info",
    event: "test-function",
    request_id: "request-1",
    status: 200,
    caller: "user",
    duration_ms: { total: 7 },
  }]);
});

Deno.test("createEndpoint() logs one line for a refusal, with its code and no exception", async () => {
  const { call, entries } = createTestEndpoint(
    throwing(new ApiError("FORBIDDEN", "No", { cause: new Error("hunter2") })),
  );
  await call();
  assert.deepEqual(entries, [{
    level: "info",
    event: "test-function",
    request_id: "request-1",
    status: 403,
    code: "FORBIDDEN",
    duration_ms: { total: 0 },
  }]);
});

Deno.test("createEndpoint() logs where a bug is", async () => {
  const { call, entries } = createTestEndpoint(throwing(new RangeError("out of range")));
  await call();
  const exception = entries[0]!["exception"] as Record<string, string>;
  assert.equal(exception["type"], "RangeError");
  assert.equal(exception["message"], "out of range");
  assert.match(exception["stacktrace"]!, /^\s+at .*endpoint-log_test\.ts/);
});

const SECRET = "hunter2";

const LONG_MESSAGES: Record<string, string> = {
  "on one line": `${"x".repeat(200)}${SECRET}`,
  "on many lines": `${"x\n".repeat(100)}${`${SECRET}\n`.repeat(5)}`,
  "that begins with a line break": `\n${"x".repeat(200)}\n${SECRET}`,
  "that looks like a stack": `Error: x\n${"    at x\n".repeat(30)}    at ${SECRET}`,
};

for (const [what, message] of Object.entries(LONG_MESSAGES)) {
  Deno.test(`createEndpoint() logs 200 characters of a message ${what}, and no more`, async () => {
    assert.ok(message.indexOf(SECRET) >= 200);
    const { call, entries } = createTestEndpoint(throwing(new Error(message)));
    await call();
    const exception = entries[0]!["exception"] as Record<string, string>;
    assert.equal(exception["message"], message.slice(0, 200));
    assert.match(exception["stacktrace"]!, /endpoint-log_test\.ts/);
    assert.ok(!JSON.stringify(entries).includes(SECRET));
  });
}

Deno.test("createEndpoint() logs a client's own id when it could be one, and never sends it", async () => {
  for (const id of ["a", "0f8b-1", "Root=1:2.3_4", "x".repeat(128)]) {
    const expected = /^[\w.:-]+$/.test(id) ? id : undefined;
    const { call, entries } = createTestEndpoint(ok);
    const response = await call({ headers: { "x-request-id": id } });
    assert.equal(entries[0]!["client_request_id"], expected);
    assert.equal(response.headers.get("x-request-id"), "request-1");
  }
});

Deno.test("createEndpoint() logs nothing of a client's id that can't be one", async () => {
  for (const id of ["", "two words", "x".repeat(129), '{"a":1}', "<script>", "ä", "a,b", "a=b"]) {
    const { call, entries } = createTestEndpoint(ok);
    await call({ headers: { "x-request-id": id } });
    assert.ok(!("client_request_id" in entries[0]!), id);
  }
});
