import { useSignal } from "@preact/signals";
import type { AuthError } from "@supabase/supabase-js";
import { useEffect, useRef } from "preact/hooks";
import {
  describeAuthError,
  disconnect,
  isProjectTypedIn,
  project,
  supabase,
  user,
} from "./session.ts";

/** Who is signed in, and the ways to change that, in a panel that opens. */
export function Account() {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const isOutside = !details.current?.contains(event.target as Node);
      const isEscape = event instanceof KeyboardEvent && event.key === "Escape";
      if (!details.current?.open || !(isEscape || event.type === "pointerdown" && isOutside)) {
        return;
      }
      details.current.open = false;
      if (isEscape) details.current.querySelector("summary")?.focus();
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("keydown", close);
    };
  }, []);
  return (
    <details class="account" ref={details}>
      <summary>
        <span class={`dot ${user.value ? "is-on" : ""}`} aria-hidden="true" />
        <span class="account-name">{toName()}</span>
      </summary>
      <div class="account-panel">
        {user.value ? <SignedIn /> : <SignIn />}
        {isProjectTypedIn && (
          <p class="aside">
            {new URL(project.value!.url).host}{" "}
            <button class="link" type="button" onClick={disconnect}>Another project</button>
          </p>
        )}
      </div>
    </details>
  );
}

function toName(): string {
  if (!user.value) return "Sign in";
  return user.value.is_anonymous ? "Anonymous" : user.value.email ?? "Signed in";
}

function SignedIn() {
  const { id, is_anonymous: isAnonymous } = user.value!;
  return (
    <>
      <p>
        {isAnonymous
          ? "Signed in anonymously, with a quarter of a user's limits."
          : `Signed in as ${user.value!.email}.`}
      </p>
      <p class="aside">
        User <code>{id}</code>
      </p>
      <button
        class="button"
        type="button"
        onClick={() => supabase.value!.auth.signOut({ scope: "local" })}
      >
        Sign out
      </button>
    </>
  );
}

function SignIn() {
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const attempt = async (
    signIn: () => Promise<{ error: AuthError | null }>,
  ) => {
    isBusy.value = true;
    const { error } = await signIn();
    problem.value = error && describeAuthError(error);
    isBusy.value = false;
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const credentials = {
      email: String(fields.get("email")),
      password: String(fields.get("password")),
    };
    const isNew = (event.submitter as HTMLButtonElement | null)?.value === "sign-up";
    const { auth } = supabase.value!;
    return attempt(() => isNew ? auth.signUp(credentials) : auth.signInWithPassword(credentials));
  };
  return (
    <>
      <button
        class="button is-primary is-wide"
        type="button"
        disabled={isBusy}
        onClick={() => attempt(() => supabase.value!.auth.signInAnonymously())}
      >
        Sign in anonymously
      </button>
      <p class="or">or</p>
      <form onSubmit={submit}>
        <label class="field">
          <span>Email</span>
          <input name="email" type="email" required autocomplete="username" />
        </label>
        <label class="field">
          <span>Password</span>
          <input
            name="password"
            type="password"
            required
            minLength={6}
            autocomplete="current-password"
          />
        </label>
        {problem.value && <p class="notice is-error" role="alert">{problem}</p>}
        <div class="row">
          <button class="button" type="submit" disabled={isBusy}>Sign in</button>
          <button class="button is-quiet" type="submit" value="sign-up" disabled={isBusy}>
            Create an account
          </button>
        </div>
      </form>
    </>
  );
}
