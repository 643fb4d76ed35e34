/**
 * One reader from completion to reading, for prose and structure, plain and streamed: a whole is a stream
 * of one piece. What is shown while the rest is still coming is all of a prose answer, or the
 * `description` of an object that begins with it.
 */

import type { CompletionReader } from "../../../_shared/together-ai/attempt.ts";
import { createProseState } from "./prose.ts";
import { type ReaderOptions, type Reading, type ReadingState, toMaxLength } from "./reading.ts";
import { createStructuredState } from "./structured.ts";
import { createPrefaceFilter } from "./thinking/preface.ts";
import { createThinkingFilter, isThinkingWithin, withoutThinking } from "./thinking/thinking.ts";

/** Makes the reader of one attempt. */
export function createReader(options: ReaderOptions): CompletionReader<Reading> {
  const { isStructured, isOwnPrompt, model } = options;
  let hasShown = false;
  const show = options.show && ((text: string) => {
    hasShown = true;
    options.show!(text);
  });
  const begin = (show: ReaderOptions["show"]) => {
    const state = createState({ ...options, show });
    return { state, preface: createPrefaceFilter({ isOwnPrompt, emit: state.push }) };
  };
  let { state, preface } = begin(show);
  /** Something was shown before a closing tag said that it was thinking. */
  let isWithdrawn = false;

  const filter = createThinkingFilter({
    isUnopened: model.thinking === "unopened",
    emit: (text) => preface.push(text),
    onRestart() {
      isWithdrawn ||= hasShown;
      // Thinking that was shown can't be taken back, so the answer behind it is not shown.
      ({ state, preface } = begin(isWithdrawn ? undefined : show));
    },
  });
  let raw = "";
  const maxLength = toMaxLength(options);

  return {
    push(text) {
      // What goes on beyond all that the tokens can say is a fault; its beginning is read.
      const taken = text.slice(0, Math.max(0, maxLength - raw.length));
      if (taken === "") return hasShown;
      raw += taken;
      filter.push(taken);
      return hasShown;
    },

    end(completion) {
      const isTruncated = completion.end === "truncated";
      filter.end(isTruncated);
      preface.end(isTruncated);
      let read = state.read(completion);
      if (isStructured && read.answer === null && isThinkingWithin(raw)) {
        const inside = createState({ ...options, show: undefined });
        inside.push(withoutThinking(raw));
        const second = inside.read(completion);
        if (second.answer !== null && state.shown() === "") read = second;
      }
      const isLost = isWithdrawn || hasShown && read.judgement === "nothing";
      return { judgement: isLost ? "withdrawn" : read.judgement, reading: read };
    },
  };
}

function createState(options: ReaderOptions): ReadingState {
  return options.isStructured ? createStructuredState(options) : createProseState(options);
}
