import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  parseEnvelope,
  toHarmlessText,
} from "../../../../supabase/functions/mivaa-gateway/envelope/envelope.ts";
import fc from "../../../support/fast-check.ts";
import { createGateway } from "../../../support/gateway.ts";

Deno.test("toHarmlessText() leaves no 401 and no 403 in any text, and changes nothing else", () => {
  const text = fc.string({ unit: fc.constantFrom("4", "0", "1", "3", " ", "a", "404") });
  fc.assert(fc.property(text, (message) => {
    const harmless = toHarmlessText(message);
    assert.doesNotMatch(harmless, /401|403/);
    assert.equal(harmless.replaceAll("40 ", "40"), message.replaceAll("40 ", "40"));
  }));
});

Deno.test("a limit of 403 does not read like a status", async () => {
  const minute = new ApiError("RATE_LIMITED", 'Your limit of "403" requests per minute is used up');
  const { body } = await createGateway({ minute }).post({ action: "status" });
  assert.equal(body.error.message, 'Your limit of "40 3" requests per minute is used up');
});

Deno.test("the status of another function's answer is never in the text of an error", async () => {
  for (const status of [401, 403]) {
    const page = () => new Response(`<h1>${status}</h1>`, { status });
    const { post } = createGateway({ analysis: page, service: page });
    for (const action of ["semantic_analysis", "status", `no-action-${status}`]) {
      const { body } = await post({ action });
      assert.doesNotMatch(body.error.message, /401|403/);
    }
  }
});

Deno.test("parseEnvelope() refuses whatever it is given, or gives an action of the table", () => {
  const body = fc.oneof(
    fc.dictionary(fc.string(), fc.jsonValue()),
    fc.record({ action: fc.oneof(fc.string(), fc.jsonValue()), payload: fc.jsonValue() }),
  );
  fc.assert(fc.property(body, (envelope) => {
    try {
      const { action } = parseEnvelope(envelope);
      assert.ok(action.kind === "analysis" || action.path.startsWith("/api/"));
    } catch (error) {
      assert.ok(error instanceof ApiError, String(error));
      assert.equal(error.status, 400);
    }
  }));
});
