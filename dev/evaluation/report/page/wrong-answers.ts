import type { AnsweredLine, AnswerLine } from "../../answers/answer-line.ts";
import { toPercent } from "../text.ts";
import type { Elements, PageElement } from "./elements.ts";

/** The wrong families of a group, by label, the most mistaken first and open. */
export function createWrongAnswers(
  elements: Elements,
  lines: readonly AnswerLine[],
  thumbnails: ReadonlyMap<string, string>,
): PageElement[] {
  const { create } = elements;
  const byLabel = Map.groupBy(findWrong(lines), ({ labels }) => labels.family!);
  return [...byLabel].sort(([, left], [, right]) => right.length - left.length)
    .map(([label, wrong], index) =>
      create(
        "details",
        index === 0 ? { open: "" } : {},
        create("summary", {}, `${label}: ${wrong.length}, as ${countAnswers(wrong)}`),
        create(
          "div",
          { class: "answers" },
          ...wrong.toSorted((left, right) => (right.confidence ?? 0) - (left.confidence ?? 0))
            .map((line) => createAnswer(elements, line, thumbnails)),
        ),
      )
    );
}

/** Such as `stone 3, brick 1`. */
function countAnswers(wrong: readonly AnsweredLine[]): string {
  const byAnswer = Map.groupBy(wrong, ({ answered }) => answered?.family ?? "no material");
  return [...byAnswer].sort(([, left], [, right]) => right.length - left.length)
    .map(([answer, those]) => `${answer} ${those.length}`).join(", ");
}

/** Answers with a label of the family that they miss. */
export function findWrong(lines: readonly AnswerLine[]): AnsweredLine[] {
  return lines.filter((line) => line.outcome === "answered")
    .filter(({ right }) => right.family === false);
}

function createAnswer(
  { create }: Elements,
  line: AnsweredLine,
  thumbnails: ReadonlyMap<string, string>,
): PageElement {
  const { file, source, labels, answered, confidence, is_calibrated, alternatives } = line;
  const thumbnail = thumbnails.get(file);
  const facts: [name: string, text: string, style?: string][] = [
    ["label", [labels.family, labels.type].filter(Boolean).join(", "), "is-right"],
    ["answer", [answered?.family, answered?.type].filter(Boolean).join(", ") || "none", "is-wrong"],
    [
      is_calibrated ? "calibrated" : "said",
      confidence === null ? "no confidence" : toPercent(confidence),
    ],
    ...(alternatives === null ? [] : [
      [
        "tokens",
        alternatives.slice(0, 3).map(({ family, probability }) =>
          `${family} ${toPercent(probability, 0)}`
        ).join(", "),
      ] as [string, string],
    ]),
    ...(source === file ? [] : [["source", source] as [string, string]]),
    ["request", line.request_id],
  ];
  return create(
    "div",
    { class: "answer" },
    thumbnail
      ? create("img", { src: thumbnail, alt: file, decoding: "async" })
      : create("div", { class: "soft" }, "The picture can't be shown"),
    create(
      "div",
      {},
      create("strong", {}, file),
      create(
        "dl",
        {},
        ...facts.flatMap(([name, text, style]) => [
          create("dt", {}, name),
          create("dd", { class: style ?? null }, text),
        ]),
      ),
    ),
  );
}
