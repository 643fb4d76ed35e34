import assert from "node:assert/strict";
import type { FeedbackRequestBody } from "../../../../supabase/functions/_shared/client/contract.ts";
import { SemanticAnalysisError } from "../../../../supabase/functions/_shared/client/errors.ts";
import { sendFeedback } from "../../../../supabase/functions/_shared/client/send-feedback.ts";
import { createFakeClient, neverAnswer, refuse } from "../../../support/analysis-client.ts";

const FEEDBACK: FeedbackRequestBody = {
  request_id: "8a8d1d9e-1f0c-4c1b-9a57-0b5a4c5f3a11",
  verdict: "wrong",
  correction: { family: "stone" },
};

Deno.test("sendFeedback() posts the verdict beside the function, for the user it is told", async () => {
  const body = { feedback: FEEDBACK, request_id: "request-2" };
  const { client, requests } = createFakeClient(() => Response.json(body));
  assert.deepEqual(await sendFeedback(client, FEEDBACK, { userToken: "token-of-ada" }), body);
  assert.equal(requests.length, 1);
  assert.match(requests[0]!.url, /\/functions\/v1\/semantic-analysis\/feedback$/);
  assert.equal(requests[0]!.method, "POST");
  assert.equal(requests[0]!.headers.get("authorization"), "Bearer token-of-ada");
  assert.deepEqual(await requests[0]!.json(), FEEDBACK);
});

Deno.test("sendFeedback() throws the one error of the client", async () => {
  const failWith = async (answer: Parameters<typeof createFakeClient>[0], timeoutMs?: number) => {
    const { client } = createFakeClient(answer);
    const error = await sendFeedback(client, FEEDBACK, timeoutMs === undefined ? {} : { timeoutMs })
      .catch((thrown) => thrown);
    assert.ok(error instanceof SemanticAnalysisError, Deno.inspect(error));
    return error.code;
  };
  assert.equal(await failWith(() => refuse(404, "NOT_FOUND")), "NOT_FOUND");
  assert.equal(await failWith(() => Response.json({ odd: 1 })), "INVALID_RESPONSE");
  assert.equal(await failWith(neverAnswer, 0), "TIMEOUT");
});
