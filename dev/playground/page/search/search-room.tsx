import { countOf } from "../../../../supabase/functions/_shared/client/count-of.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Limits } from "../project/limits-view.tsx";
import { Results } from "./results.tsx";
import { SearchForm } from "./search-form.tsx";
import { query, search, startSearch, stopSearch } from "./search.ts";

const EXAMPLES = ["white marble", "oak flooring", "brushed steel", "blue upholstery"];

/** Materials of the catalogue, by words, a picture or properties. */
export function SearchRoom() {
  const { state } = search.value;
  const isSearching = state === "searching";
  return (
    <div class="search">
      <h1 class="title">Find a material</h1>
      <SearchForm />
      <p class="visually-hidden" role="status">
        {isSearching
          ? "Searching"
          : search.value.state === "found"
          ? `${countOf(search.value.response.search_metadata.total_results, "material")} found`
          : ""}
      </p>
      {state === "idle" && (
        <div class="empty">
          <p class="aside">
            Words, a picture, or both. Each result says why it was found.
          </p>
          <div class="row">
            {EXAMPLES.map((text) => (
              <button
                key={text}
                class="button is-small"
                type="button"
                onClick={() => {
                  query.value = { ...query.value, text };
                  void startSearch();
                }}
              >
                {text}
              </button>
            ))}
          </div>
        </div>
      )}
      {isSearching && (
        <div class="searching">
          <div class="skeleton" aria-hidden="true">
            <span />
            <span />
            <span />
          </div>
          <button class="button is-small" type="button" onClick={stopSearch}>Stop</button>
        </div>
      )}
      {search.value.state === "failed" && (
        <ErrorNotice error={search.value.error} onRetry={startSearch} />
      )}
      {search.value.state === "found" && <Results {...search.value} />}
      <Limits />
    </div>
  );
}
