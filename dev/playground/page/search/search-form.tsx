import { useEffect } from "preact/hooks";
import { MATERIAL_VOCABULARY } from "../../../../supabase/functions/_shared/client/client.ts";
import { Choice } from "../parts/choice.tsx";
import { ChosenPicture } from "../parts/chosen-picture.tsx";
import { isDragging, listenForPictures } from "../parts/picture-input.ts";
import { isSearchable, type Query, query, setPicture, startSearch } from "./search.ts";

const FAMILIES = MATERIAL_VOCABULARY.family.filter((family) =>
  family !== "unknown" && family !== "other"
);

/** Of the picker, before one is picked. */
const FIRST_COLOR = "#b6834f";

const USES = { content: "by what it shows", colours: "by its colours" } as const;

function change(changed: Partial<Query>): void {
  query.value = { ...query.value, ...changed };
}

/** What is searched by. */
export function SearchForm() {
  const { text, picture, families, color, minScore } = query.value;
  useEffect(() => listenForPictures(setPicture), []);
  const submit = (event: Event) => {
    event.preventDefault();
    void startSearch();
  };
  const choose = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    setPicture(input.files?.[0] ?? null);
    input.value = "";
  };
  const toggle = (family: string) =>
    change({
      families: families.includes(family)
        ? families.filter((each) => each !== family)
        : [...families, family],
    });
  return (
    <form class="search-form" role="search" onSubmit={submit}>
      <div class={`search-line ${isDragging.value ? "is-over" : ""}`}>
        {picture && (
          <span class="query-picture">
            <ChosenPicture
              url={picture.url}
              name={picture.name}
              alt={`Picture to search with, ${picture.name}`}
            />
            <button
              type="button"
              aria-label="Leave the picture out"
              onClick={() => setPicture(null)}
            >
              ×
            </button>
          </span>
        )}
        <input
          type="search"
          aria-label="Words to search for"
          dir="auto"
          placeholder={picture ? "and words, if you like" : "travertine tile, RAL 7035 …"}
          value={text}
          maxLength={1000}
          onInput={({ currentTarget }) => change({ text: currentTarget.value })}
        />
        <label class="button is-small file">
          {picture ? "Another picture" : "Picture"}
          <input type="file" accept="image/*" onChange={choose} />
        </label>
        <button class="button is-primary" type="submit" disabled={!isSearchable(query.value)}>
          Search
        </button>
      </div>
      {picture && (
        <Choice
          label="What of the picture"
          options={USES}
          value={query.value.pictureUse}
          onChoose={(pictureUse) => change({ pictureUse })}
        />
      )}
      <details class="disclosure">
        <summary>
          Filters{families.length > 0 || color !== null || minScore > 0 ? " (in use)" : ""}
        </summary>
        <div class="filters">
          <fieldset class="chips">
            <legend class="overline">Family</legend>
            {FAMILIES.map((family) => (
              <label key={family}>
                <input
                  type="checkbox"
                  checked={families.includes(family)}
                  onChange={() => toggle(family)}
                />
                <span>{family}</span>
              </label>
            ))}
          </fieldset>
          <div class="color-filter">
            <label class="check">
              <input
                type="checkbox"
                checked={color !== null}
                onChange={({ currentTarget }) =>
                  change({ color: currentTarget.checked ? FIRST_COLOR : null })}
              />
              With a measured colour near
            </label>
            <input
              type="color"
              aria-label="The colour"
              value={color ?? FIRST_COLOR}
              onInput={({ currentTarget }) => change({ color: currentTarget.value })}
            />
          </div>
          <label class="field">
            <span>Score of at least {minScore.toFixed(2)}</span>
            <input
              type="range"
              min="0"
              max="1"
              step="0.05"
              value={minScore}
              onInput={({ currentTarget }) => change({ minScore: Number(currentTarget.value) })}
            />
          </label>
        </div>
      </details>
    </form>
  );
}
