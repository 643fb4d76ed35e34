/** A breaker whose clock a test sets, and callers with pictures who use it. */
import assert from "node:assert/strict";
import {
  createBreaker,
  type Permit,
} from "../../supabase/functions/_shared/together-ai/breaker.ts";
import {
  TogetherApiError,
  type TogetherError,
} from "../../supabase/functions/_shared/together-ai/errors.ts";

const MODEL = "a/first";

/** Who asks which model about which picture; each picture is new by default. */
export interface Who {
  model?: string;
  callerKey?: string;
  pictureKey?: string;
}

/** A breaker at an arbitrary time, which only `pass` moves on. */
export function createTimed() {
  let nowMs = 1_000_000;
  let pictures = 0;
  const breaker = createBreaker(() => nowMs);
  const admission = ({ model = MODEL, callerKey = "user:a", pictureKey }: Who = {}) =>
    breaker.admit(model, { callerKey, pictureKey: pictureKey ?? `picture ${++pictures}` });
  const admit = (who?: Who): Permit => {
    const given = admission(who);
    assert.ok(given.isAdmitted);
    return given.permit;
  };
  const fail = (times: number, who?: Who, error: TogetherError = new TogetherApiError(502)) => {
    for (let i = 0; i < times; i++) admit(who).recordFailure(error);
  };
  const waitOf = (who?: Who) => {
    const given = admission(who);
    if (given.isAdmitted) given.permit.release();
    return given.isAdmitted ? 0 : given.retryAfterMs;
  };
  /** A model's circuit, open for all. */
  const openForAll = () =>
    ["user:a", "user:b", "user:c"].forEach((callerKey) => fail(1, { callerKey }));
  return { breaker, admission, admit, fail, waitOf, openForAll, pass: (ms: number) => nowMs += ms };
}
