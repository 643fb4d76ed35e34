/** The page of an evaluation: what is written in file names, labels and answers stays text. */
import assert from "node:assert/strict";
import { parseHTML } from "linkedom";
import type { AnsweredLine } from "../../../../dev/evaluation/answers/answer-line.ts";
import { compareSides } from "../../../../dev/evaluation/comparison/compare.ts";
import { createPage } from "../../../../dev/evaluation/report/page/create-page.ts";
import { groupAnswers, summariseGroup } from "../../../../dev/evaluation/statistics/summarise.ts";
import { createRandom } from "../../../../dev/random.ts";
import { createAnsweredLine, createFailedLine } from "../lines.ts";

/** What is used of a parsed page; the types of browsers would change those of the whole project. */
interface ParsedElement {
  localName: string;
  textContent: string;
  attributes: Iterable<{ name: string }>;
  getAttribute(name: string): string | null;
}

interface Document {
  querySelector(selector: string): ParsedElement | null;
  querySelectorAll(selector: string): Iterable<ParsedElement>;
}

const HOSTILE =
  `"'></title></style></svg></textarea><script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt;`;

/** Every text of a line that its file, its CSV or a model has written. */
function createHostilePage(): string {
  const { answered } = createAnsweredLine();
  const type = HOSTILE;
  const lines = [0, 1].flatMap((model) =>
    Array.from({ length: 30 }, (_, index) => {
      const texts = {
        ...{ file: `${HOSTILE}${index}`, source: HOSTILE, request_id: HOSTILE },
        ...{ model_asked: `${HOSTILE}${model}`, content_hash: String(index).padStart(64, "0") },
      };
      if (index === 29) return createFailedLine({ ...texts, code: HOSTILE });
      return createAnsweredLine({
        ...texts,
        labels: { family: HOSTILE as "wood", type, colors: [HOSTILE] },
        model: HOSTILE,
        answered: { ...answered!, family: `${HOSTILE}?` as "wood", type, colors: [HOSTILE] },
        alternatives: [{ family: HOSTILE as "wood", probability: 0.4 }],
        right: { family: false, type: true, colors: true },
        raw_confidence: index / 30,
      });
    })
  );
  const options = { random: createRandom(1), repeats: 20 };
  const groups = groupAnswers(lines);
  return createPage(
    {
      name: HOSTILE,
      madeAt: "2026-11-26T12:00:00.000Z",
      pictures: 30,
      sources: 30,
      problems: [{ place: HOSTILE, problem: HOSTILE }],
      groups: groups.map((group) => summariseGroup(group, options)),
      comparisons: compareSides([[groups[0]!, groups[1]!]], options),
    },
    groups,
    new Map(lines.map(({ file }) => [file, "data:image/jpeg;base64,AA=="])),
  );
}

/** The page of these lines, which are all of one model. */
function parsePage(lines: AnsweredLine[]): Document {
  const groups = groupAnswers(lines);
  const options = { random: createRandom(1), repeats: 20 };
  const html = createPage(
    {
      name: "a",
      madeAt: "2026-11-26T12:00:00.000Z",
      pictures: lines.length,
      sources: lines.length,
      problems: [],
      groups: groups.map((group) => summariseGroup(group, options)),
      comparisons: [],
    },
    groups,
    new Map(),
  );
  return (parseHTML(html) as unknown as { document: Document }).document;
}

Deno.test("an evaluation's page: of a wrong answer the raw figure is told where it is another", () => {
  const factsOf = (raw_confidence: number | null) => {
    const wrong = createAnsweredLine({
      right: { family: false },
      confidence: 0.6,
      is_calibrated: true,
      raw_confidence,
    });
    const document = parsePage([wrong]);
    const texts = [...document.querySelectorAll(".answer dt, .answer dd")].map((each) =>
      each.textContent
    );
    return new Map(texts.flatMap((text, index) => index % 2 ? [] : [[text, texts[index + 1]]]));
  };
  assert.deepEqual([factsOf(0.9).get("calibrated"), factsOf(0.9).get("raw")], ["60.0 %", "90.0 %"]);
  for (const raw of [0.6, null]) assert.equal(factsOf(raw).has("raw"), false);
});

Deno.test("an evaluation's page: markup in names, labels and answers is shown and never obeyed", () => {
  const html = createHostilePage();
  // A quoted value ends at its quote alone.
  const outside = html.replaceAll(/="[^"]*"/g, "");
  for (const tag of ["<script", "<img src", "</textarea", "<b>"]) {
    assert.equal(outside.includes(tag), false, tag);
  }
  const { document } = parseHTML(html) as unknown as { document: Document };
  for (const element of document.querySelectorAll("*")) {
    for (const { name } of element.attributes) assert.doesNotMatch(name, /^on|[<>"']/);
    if (element.localName === "img") assert.match(element.getAttribute("src")!, /^data:image/);
  }
  assert.ok(document.querySelector("summary")!.textContent.includes("1 line left out"));
  assert.ok(document.querySelector("li")!.textContent.includes(HOSTILE));
});
