import type { AnalysePictureOptions } from "./call/call-options.ts";
import { createCallSignal } from "./call/call-signal.ts";
import { type FunctionsClient, invoke } from "./call/invoke-analysis.ts";
import { isObject, wrongResponse } from "./call/read-error.ts";
import type { FeedbackRequestBody, FeedbackResponseBody } from "./contract.ts";

/** For `sendFeedback`: whose feedback it is must be whose analysis it was. */
export type SendFeedbackOptions = Pick<
  AnalysePictureOptions,
  "userToken" | "userId" | "serviceName" | "timeoutMs" | "signal" | "requestId" | "traceHeaders"
>;

/**
 * Says whether an analysis was right, and what it should have said. Again within 30 days it replaces what
 * was said before. It changes no figure by itself: an operator of the project accepts it first.
 *
 * @example
 * ```ts
 * import { createClient } from "@supabase/supabase-js";
 *
 * const supabase = createClient("https://<ref>.supabase.co", "sb_publishable_…");
 *
 * export async function sayItIsStone(requestId: string): Promise<void> {
 *   await sendFeedback(supabase, {
 *     request_id: requestId,
 *     verdict: "wrong",
 *     correction: { family: "stone" },
 *   });
 * }
 * ```
 *
 * @param client The one that the picture was analysed with.
 * @throws {SemanticAnalysisError} and nothing else; NOT_FOUND for an answer that this caller was not given.
 */
export async function sendFeedback(
  client: FunctionsClient,
  feedback: FeedbackRequestBody,
  options: SendFeedbackOptions = {},
): Promise<FeedbackResponseBody> {
  const call = createCallSignal(options);
  try {
    const sent = { body: feedback, options };
    const { data, headers } = await invoke(client, "semantic-analysis/feedback", sent, call);
    if (isObject(data) && isObject(data.feedback)) return data as unknown as FeedbackResponseBody;
    throw wrongResponse("The response of semantic-analysis tells no feedback", headers);
  } finally {
    call.release();
  }
}
