import type { AnsweredLine, AnswerLine } from "../../answers/answer-line.ts";
import { toPercent } from "../text.ts";
import type { Elements, PageElement } from "./elements.ts";

/** More are opened by a click. */
const OPEN_ANSWERS = 24;

/** The wrong families of a group, by label, the most mistaken first, and open where it is short. */
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
        index === 0 && wrong.length <= OPEN_ANSWERS ? { open: "" } : {},
        create("summary", {}, `${label}: ${wrong.length}, as ${countAnswers(wrong)}`),
        create(
          "div",
          { class: "answers" },
          ...wrong.toSorted((left, right) =>
            (right.raw_confidence ?? 0) - (left.raw_confidence ?? 0)
          )
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
  const { file, source, labels, answered, confidence, raw_confidence: raw, alternatives } = line;
  const toName = (family?: string, type?: string) =>
    [family, type === "unknown" ? "" : type].filter(Boolean).join(", ") || "no material";
  const thumbnail = thumbnails.get(file);
  const facts: [name: string, text: string, style?: string][] = [
    ["label", toName(labels.family, labels.type), "is-right"],
    ["answer", toName(answered?.family, answered?.type), "is-wrong"],
    [
      line.is_calibrated ? "calibrated" : "said",
      confidence === null ? "no confidence" : toPercent(confidence),
    ],
    ...(raw === null || raw === confidence ? [] : [["raw", toPercent(raw)] as [string, string]]),
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
