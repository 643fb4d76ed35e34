import {
  ANALYSIS_TYPES,
  CACHE_MODES,
  MAX_PROMPT_LENGTH,
} from "../../../../supabase/functions/_shared/client/client.ts";
import { formatShare, toWords } from "../parts/format.ts";
import { type Question, question } from "./run.ts";

const CACHE_WORDS: Record<typeof CACHE_MODES[number], string> = {
  use: "use it",
  refresh: "ask anew and replace what is known",
  off: "neither read nor keep",
};

/** What is asked beside the picture; left as it is, the function's own question. */
export function QuestionForm() {
  const { analysis_type, prompt, options } = question.value;
  const change = (changed: Partial<Question>) =>
    question.value = withoutEmpty({ ...question.value, ...changed });
  const changeOptions = (changed: Question["options"]) =>
    change({ options: withoutEmpty({ ...options, ...changed }) });
  const toNumber = (event: Event) => {
    const { value } = event.currentTarget as HTMLInputElement | HTMLSelectElement;
    return (value === "" ? undefined : Number(value)) as number;
  };
  return (
    <details class="disclosure">
      <summary>Options</summary>
      <div class="question">
        <label class="field">
          <span>Type</span>
          <select
            value={analysis_type ?? ANALYSIS_TYPES[0]}
            onChange={({ currentTarget }) =>
              change({ analysis_type: currentTarget.value as typeof ANALYSIS_TYPES[number] })}
          >
            {ANALYSIS_TYPES.map((type) => <option key={type} value={type}>{toWords(type)}</option>)}
          </select>
        </label>
        <label class="field">
          <span>Stored answers</span>
          <select
            value={options.cache ?? CACHE_MODES[0]}
            onChange={({ currentTarget }) =>
              changeOptions({ cache: currentTarget.value as typeof CACHE_MODES[number] })}
          >
            {CACHE_MODES.map((mode) => <option key={mode} value={mode}>{CACHE_WORDS[mode]}
            </option>)}
          </select>
        </label>
        <label class="field">
          <span>Temperature</span>
          <input
            type="number"
            min="0"
            max="2"
            step="0.1"
            placeholder="the function's own"
            value={options.temperature ?? ""}
            onChange={(event) => changeOptions({ temperature: toNumber(event) })}
          />
        </label>
        <label class="field">
          <span>Most tokens</span>
          <input
            type="number"
            min="1"
            step="1"
            placeholder="700 with properties"
            value={options.max_tokens ?? ""}
            onChange={(event) => changeOptions({ max_tokens: toNumber(event) })}
          />
        </label>
        <label class="field">
          <span>Precision to promise</span>
          <select
            value={options.min_precision ?? ""}
            onChange={(event) => changeOptions({ min_precision: toNumber(event) })}
          >
            <option value="">none</option>
            {[0.8, 0.9, 0.95, 0.99].map((share) => (
              <option key={share} value={share}>{formatShare(share)} right</option>
            ))}
          </select>
        </label>
        <label class="field is-wide">
          <span>A question of your own</span>
          <textarea
            dir="auto"
            maxLength={MAX_PROMPT_LENGTH}
            value={prompt ?? ""}
            placeholder="Replaces ours; the answer is then prose alone"
            onChange={({ currentTarget }) => change({ prompt: currentTarget.value.trim() })}
          />
        </label>
      </div>
    </details>
  );
}

/** What is not given is not sent. */
function withoutEmpty<Value extends object>(value: Value): Value {
  const given = Object.entries(value).filter(([, each]) => each !== undefined && each !== "");
  return Object.fromEntries(given) as Value;
}
