import { useSignal } from "@preact/signals";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { provoke, type Recipe, RECIPES } from "./recipes.ts";

/** Every error by a button, shown as an app's user sees it. */
export function ErrorsRoom() {
  return (
    <div class="errors">
      <header>
        <h1 class="title">When it does not work</h1>
        <p class="lead">
          Every error there is, brought about on purpose. The sentence is what{" "}
          <code>describeError</code> gives an app to tell a person.
        </p>
      </header>
      {RECIPES.map(({ title, note, recipes }) => (
        <section key={title}>
          <h2 class="subtitle">{title}</h2>
          <p class="aside">{note}</p>
          <ul class="recipes">
            {recipes.map((recipe) => <RecipeRow key={recipe.code} recipe={recipe} />)}
          </ul>
        </section>
      ))}
    </div>
  );
}

function RecipeRow({ recipe }: { recipe: Recipe }) {
  const outcome = useSignal<{ error: unknown; count: number } | "running" | null>(null);
  const run = async () => {
    const before = outcome.value;
    outcome.value = "running";
    const error = await provoke(recipe);
    const count = (typeof before === "object" ? before?.count ?? 0 : 0) + 1;
    outcome.value = { error, count };
  };
  const isRunning = outcome.value === "running";
  return (
    <li>
      <div class="recipe">
        <p>
          {recipe.how}
          <code>{recipe.code}</code>
        </p>
        <button
          class="button is-small"
          type="button"
          aria-disabled={isRunning}
          onClick={() => isRunning || run()}
        >
          {isRunning ? "Asking …" : "Show"}
          <span class="visually-hidden">{recipe.code}</span>
        </button>
      </div>
      {outcome.value !== null && outcome.value !== "running" && (
        outcome.value.error === null
          ? <p class="notice" role="alert">It worked after all.</p>
          : <ErrorNotice key={outcome.value.count} error={outcome.value.error} />
      )}
    </li>
  );
}
