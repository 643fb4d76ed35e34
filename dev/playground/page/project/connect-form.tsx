import { useSignal } from "@preact/signals";
import { connect } from "./session.ts";

/** Where the page was built without a project: its URL and publishable key, typed in. */
export function ConnectForm() {
  const problem = useSignal<string | null>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const read = (name: string) => String(fields.get(name) ?? "").trim();
    problem.value = connect(read("url"), read("key"));
  };
  return (
    <section class="panel narrow">
      <h1>Connect to a project</h1>
      <p class="lead">
        Both are in the project's dashboard, under API keys. They stay in this browser.
      </p>
      <form onSubmit={submit}>
        <label class="field">
          <span>Project URL</span>
          <input
            name="url"
            type="url"
            required
            autocomplete="off"
            placeholder="https://<ref>.supabase.co"
          />
        </label>
        <label class="field">
          <span>Publishable key</span>
          <input
            name="key"
            required
            autocomplete="off"
            spellcheck={false}
            placeholder="sb_publishable_…"
            aria-describedby={problem.value ? "connect-problem" : undefined}
          />
        </label>
        {problem.value && <p id="connect-problem" class="notice is-error" role="alert">{problem}
        </p>}
        <button class="button is-primary" type="submit">Connect</button>
      </form>
    </section>
  );
}
