/// <reference lib="dom" />
/** Elements of the page, made in a document on the server: what is text stays text, whatever is in it. */
import { parseHTML } from "linkedom";

/** What can stand in an element. */
export type Child = Node | string | null;

/** Makes elements of one document. */
export interface Elements {
  document: Document;
  /** @param attributes those that are null are left out */
  create(
    tag: string,
    attributes?: Record<string, string | null>,
    ...children: Child[]
  ): HTMLElement;
}

/** An empty document with a title, and the maker of its elements. */
export function createElements(title: string): Elements {
  const { document } = parseHTML(
    '<!doctype html><html lang="en"><head></head><body></body></html>',
  );
  document.title = title;
  return {
    document: document as unknown as Document,
    create(tag, attributes = {}, ...children) {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) {
        if (value !== null) element.setAttribute(name, value);
      }
      element.append(...children.filter((child) => child !== null));
      return element as unknown as HTMLElement;
    },
  };
}

/** A table; the first column's cells are headings of their rows. */
export function createTable(
  { create }: Elements,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  const head = create("tr", {}, ...header.map((text) => create("th", { scope: "col" }, text)));
  const body = rows.map(([first = "", ...others]) =>
    create(
      "tr",
      {},
      create("th", { scope: "row" }, first),
      ...others.map((text) => create("td", {}, text)),
    )
  );
  return create(
    "div",
    { class: "scroll" },
    create("table", {}, create("thead", {}, head), create("tbody", {}, ...body)),
  );
}
