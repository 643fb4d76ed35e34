/** One model of the chain: attempts, and what each failure means for the next one. */

import type { Answered, Call, MakeAttempt } from "./attempt.ts";
import type { Breaker, Permit, RequestKeys } from "./breaker.ts";
import {
  listOptionalParameters,
  namedParameters,
  type OptionalParameter,
  type ParameterMemory,
} from "./chat-request.ts";
import {
  TogetherApiError,
  TogetherBudgetError,
  TogetherConnectionError,
  TogetherEmptyAnswerError,
  TogetherError,
  TogetherTimeoutError,
  TogetherUnavailableError,
} from "./errors.ts";
import type { Effects } from "./exchange.ts";
import { findModel, type ModelCapabilities } from "./models.ts";
import { toBackoffMs } from "./retry.ts";
import { boundNanoUsd, spentNanoUsd } from "./spending.ts";

/** An attempt with less time than this can't bring an answer and is not begun. */
export const MIN_ATTEMPT_MS = 1_000;

/** A longer completion than this may take a healthy model more than an attempt's time. */
const LONG_COMPLETION_TOKENS = 1_000;

/** What all attempts of a client share: bounds, breaker, and what is known of the models. */
export interface AskModelOptions {
  capabilities: ModelCapabilities;
  slowAttemptMs: number;
  idleTimeoutMs: number;
  maxRetries: number;
  maxRetryAfterMs: number;
  breaker: Breaker;
  parameters: ParameterMemory;
  makeAttempt: MakeAttempt;
  effects: Effects;
}

/** Who asks, about what, and what a cut answer may be asked for again with. */
export interface AskKeys {
  callerKey: string | undefined;
  pictureKey: string | undefined;
  raisedMaxTokens: number | null;
}

/** The next attempt with a model, as far as it differs from the call. */
interface Step {
  isFirst: boolean;
  maxTokens: number | undefined;
  /** Optional parameters left out to see whether it is them that are refused. */
  without: ReadonlySet<OptionalParameter>;
}

/** What a failure is judged by. */
interface Situation {
  model: string;
  call: Call;
  step: Step;
  keys: AskKeys;
  retry: number;
}

/**
 * Asks one model until it answers, or trying it again makes no sense.
 *
 * @throws {TogetherError}
 * @throws the reason of the call's signal.
 */
export type AskModel = (model: string, call: Call, keys: AskKeys) => Promise<Answered>;

/** For one client: its breaker and its memory of refused parameters hold for all calls. */
export function createAskModel(options: AskModelOptions): AskModel {
  const { capabilities, slowAttemptMs, idleTimeoutMs, maxRetries, maxRetryAfterMs } = options;
  const { breaker, parameters, makeAttempt, effects } = options;
  let attemptCount = 0;

  const timeLeftMs = (call: Call) => call.deadlineMs - effects.now();

  const boundOf = (model: string, { request }: Call, maxTokens = request.maxTokens) =>
    boundNanoUsd({ ...request, maxTokens }, model, capabilities);

  /** Room for an attempt, and, where it isn't a model's first, for the models behind it as well. */
  function mayCost(model: string, call: Call, { isFirst, maxTokens }: Step): boolean {
    const behind = isFirst ? [] : call.models.slice(call.models.indexOf(model) + 1);
    const reserved = behind.reduce((sum, each) => sum + boundOf(each, call), 0);
    const costNanoUsd = boundOf(model, call, maxTokens) + reserved;
    return spentNanoUsd(call.spending) + costNanoUsd <= call.spending.ceilingNanoUsd;
  }

  /** The model can't be blamed for too little time, for a URL it couldn't fetch, or for an empty answer. */
  function isNoConcern(error: TogetherError, { request, hasText }: Call): boolean {
    if (error.concerns !== "request") return false;
    if (error instanceof TogetherEmptyAnswerError) return true;
    if (request.picture?.kind === "url") return true;
    if (!(error instanceof TogetherTimeoutError)) return false;
    if (hasText) return error.timeoutMs < idleTimeoutMs;
    return error.timeoutMs < slowAttemptMs || request.maxTokens > LONG_COMPLETION_TOKENS;
  }

  /** A wait before the next attempt with the same model; null where there is none. */
  function planWaitMs(error: TogetherError, situation: Situation): number | null {
    const { model, call, step, retry } = situation;
    const { retryAfterMs = 0 } = error;
    const isLastModel = model === call.models.at(-1);
    // Others were told to come back at the same moment, so the jitter is added.
    const waitMs = retryAfterMs + toBackoffMs(retry, effects.random);
    const isWorthIt = retry < Math.min(maxRetries, error.retryLimit) &&
      (isLastModel || !error.prefersNextModel) &&
      retryAfterMs <= maxRetryAfterMs &&
      waitMs + MIN_ATTEMPT_MS <= timeLeftMs(call) &&
      mayCost(model, call, step);
    return isWorthIt ? waitMs : null;
  }

  /** Changes the next step where the failure says how; it counts as no retry and waits for nothing. */
  function canChangeStep(error: TogetherError, { model, call, step, keys }: Situation): boolean {
    if (error instanceof TogetherEmptyAnswerError) {
      return error.isTruncated && canRaise(model, call, step, keys);
    }
    // The provider's 403 is about the length of the request, not about a parameter.
    if (!(error instanceof TogetherApiError) || !error.isRefusal || error.status === 403) {
      return false;
    }
    const sent = listOptionalParameters(call.request, findModel(model, capabilities), {
      isStreamed: call.isStreamed,
      without: withoutOf(model, step),
    });
    const named = namedParameters(error).filter((name) => sent.includes(name));
    if (named.length > 0) {
      parameters.refuse(model, named);
      return true;
    }
    // Whether it was one of them, only an answer without them can tell; a refused usage says so.
    const suspected = sent.filter((name) => name !== "stream_options");
    if (error.param !== undefined || suspected.length === 0 || step.without.size > 0) return false;
    step.without = new Set(suspected);
    return true;
  }

  function canRaise(model: string, call: Call, step: Step, { raisedMaxTokens }: AskKeys): boolean {
    if (raisedMaxTokens === null || step.maxTokens !== undefined) return false;
    if (!mayCost(model, call, { ...step, maxTokens: raisedMaxTokens })) return false;
    step.maxTokens = raisedMaxTokens;
    return true;
  }

  const withoutOf = (model: string, step: Step) =>
    new Set([...parameters.refusedBy(model), ...step.without]);

  /** @throws {TogetherError} when no attempt is to be made. */
  function admit(model: string, call: Call, step: Step, keys: AskKeys): Permit {
    // Before anything is admitted or recorded: nothing is sent that could be billed.
    call.signal?.throwIfAborted();
    if (timeLeftMs(call) < MIN_ATTEMPT_MS) throw new TogetherTimeoutError(timeLeftMs(call));
    if (!mayCost(model, call, step)) throw new TogetherBudgetError();
    const admission = breaker.admit(model, toRequestKeys(keys, ++attemptCount));
    if (admission.isAdmitted) return admission.permit;
    throw new TogetherUnavailableError(admission.retryAfterMs, { cause: admission.lastError });
  }

  return async (model, call, keys) => {
    const step: Step = { isFirst: true, maxTokens: undefined, without: new Set() };
    let failure: TogetherError | undefined;
    for (let retry = 0;;) {
      let permit: Permit;
      try {
        permit = admit(model, call, step, keys);
      } catch (error) {
        throw error instanceof TogetherError ? failure ?? error : error;
      }
      try {
        const without = withoutOf(model, step);
        const answered = await makeAttempt(model, call, { maxTokens: step.maxTokens, without });
        permit.recordSuccess();
        if (step.without.size > 0) {
          parameters.suspect(model, [...step.without], keys.callerKey ?? "");
        }
        step.isFirst = false;
        if (answered.judgement !== "cut" || call.hasShown) return answered;
        const longest = toLonger(call.cut?.answered, answered);
        if (!canRaise(model, call, step, keys)) return longest;
        call.cut = { answered: longest, model };
      } catch (error) {
        if (!(error instanceof TogetherError)) {
          permit.release();
          throw error;
        }
        step.isFirst = false;
        failure = error;
        const situation = { model, call, step, keys, retry };
        const isChanged = !call.hasShown && canChangeStep(error, situation);
        const waitMs = call.hasShown ? null : isChanged ? 0 : planWaitMs(error, situation);
        // A host that isn't there yet is told to the breaker once this call has given it up.
        const isPending = waitMs !== null && error instanceof TogetherConnectionError &&
          error.isUnreachable;
        if (isPending || isNoConcern(error, call)) permit.release();
        else permit.recordFailure(error);
        if (waitMs === null) throw error;
        if (!isChanged) retry++;
        if (waitMs > 0) await effects.sleep(waitMs, call.signal ?? NEVER_ABORTED);
      }
    }
  };
}

/** Of two cut answers the one that got further. */
function toLonger(earlier: Answered | undefined, later: Answered): Answered {
  return (earlier?.completion.text.length ?? 0) > later.completion.text.length ? earlier! : later;
}

function toRequestKeys({ callerKey = "", pictureKey }: AskKeys, count: number): RequestKeys {
  return { callerKey, pictureKey: pictureKey ?? `attempt ${count}` };
}

const NEVER_ABORTED = new AbortController().signal;
