import { useSignal } from "@preact/signals";
import { Code } from "../parts/code.tsx";
import { Choice } from "../parts/choice.tsx";
import { project, supabase } from "../project/session.ts";
import { toCurl, toSupabaseJs } from "./write-request.ts";
import type { Run } from "./run.ts";

const LANGUAGES = { curl: "curl", "supabase-js": "supabase-js" } as const;

/** The request as code that can be copied and run. */
export function RequestCode({ run: { picture, question } }: { run: Run }) {
  const language = useSignal<keyof typeof LANGUAGES>("curl");
  const token = useSignal<string | null>(null);
  const facts = { project: project.value!, fileName: picture.name, question };
  const showToken = async (event: Event) => {
    const { checked } = event.currentTarget as HTMLInputElement;
    const { data } = await supabase.value!.auth.getSession();
    token.value = checked ? data.session?.access_token ?? null : null;
  };
  return (
    <details class="disclosure request-code">
      <summary>The request, to copy</summary>
      <div class="row">
        <Choice
          label="Language"
          options={LANGUAGES}
          value={language.value}
          onChoose={(name) => language.value = name}
        />
        {language.value === "curl" && (
          <label class="check">
            <input type="checkbox" checked={token.value !== null} onChange={showToken} />
            with my access token, good for an hour
          </label>
        )}
      </div>
      <Code
        text={language.value === "curl"
          ? toCurl({ ...facts, token: token.value })
          : toSupabaseJs(facts)}
      />
    </details>
  );
}
