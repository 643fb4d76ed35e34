/** Elements of the page, made in a document on the server: what is text stays text, whatever is in it. */
import { parseHTML } from "linkedom";

/** What is used of an element; the types of browsers would change those of the whole project. */
export interface PageElement {
  append(...children: (PageElement | string)[]): void;
  setAttribute(name: string, value: string): void;
  outerHTML: string;
}

/** What is used of a document. */
export interface PageDocument {
  title: string;
  head: PageElement;
  body: PageElement;
  documentElement: PageElement;
  createElement(tag: string): PageElement;
}

/** What can stand in an element. */
export type Child = PageElement | string | null;

/** Makes elements of one document. */
export interface Elements {
  document: PageDocument;
  /** @param attributes those that are null are left out */
  create(
    tag: string,
    attributes?: Record<string, string | null>,
    ...children: Child[]
  ): PageElement;
}

/** An empty document with a title, and the maker of its elements. */
export function createElements(title: string): Elements {
  const { document } = parseHTML(
    '<!doctype html><html lang="en"><head></head><body></body></html>',
  ) as unknown as { document: PageDocument };
  // A title is written as it is, and read as text with entities.
  document.title = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return {
    document,
    create(tag, attributes = {}, ...children) {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) {
        if (value !== null) element.setAttribute(name, value);
      }
      element.append(...children.filter((child) => child !== null));
      return element;
    },
  };
}

/** A table; the first column's cells are headings of their rows. */
export function createTable(
  { create }: Elements,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  style: string | null = null,
): PageElement {
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
    create("table", { class: style }, create("thead", {}, head), create("tbody", {}, ...body)),
  );
}
