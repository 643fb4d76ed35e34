/** An evaluation as one HTML file: nothing in it comes from outside, and no script runs. */
import { countOf } from "../../../../supabase/functions/_shared/client/count-of.ts";
import { describeComparison } from "../../comparison/describe-comparison.ts";
import { isList, valuesOf } from "../../labels/parse-label.ts";
import type { PropertyScore } from "../../statistics/classes.ts";
import type { AnswerGroup, EvaluationSummary, GroupSummary } from "../../statistics/summarise.ts";
import { toEstimate, toPercent, toPercentEstimate, toSeconds, toUsd } from "../text.ts";
import { nameFigure, toClassCells } from "../tables.ts";
import { createElements, createTable, type Elements, type PageElement } from "./elements.ts";
import { plotConfusion, plotReliability, plotRiskCoverage } from "./plots.ts";
import { STYLE } from "./style.ts";
import { createWrongAnswers, findWrong } from "./wrong-answers.ts";

/** A confusion matrix with more has the page's width. */
const WIDE_COLUMNS = 6;

/** A page for a browser, wherever it is opened. */
export function createPage(
  summary: EvaluationSummary,
  groups: readonly AnswerGroup[],
  thumbnails: ReadonlyMap<string, string>,
): string {
  const elements = createElements(`Evaluation of ${summary.name}`);
  const { document, create } = elements;
  document.head.append(
    create("meta", { charset: "utf-8" }),
    create("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    create("meta", {
      "http-equiv": "Content-Security-Policy",
      content: "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    }),
    create("style", {}, STYLE),
  );
  document.body.append(
    ...createHeader(elements, summary),
    ...summary.groups.map((group, index) =>
      createGroup(elements, group, groups[index]!, thumbnails)
    ),
  );
  return `<!doctype html>\n${document.documentElement.outerHTML}\n`;
}

function createHeader(elements: Elements, summary: EvaluationSummary): PageElement[] {
  const { create } = elements;
  const { name, madeAt, pictures, sources, problems, groups, comparisons } = summary;
  return [
    create("h1", {}, `Evaluation of ${name}`),
    create(
      "p",
      { class: "soft" },
      `${countOf(pictures, "picture")} of ${countOf(sources, "source")}, ${
        madeAt.slice(0, 16).replace("T", " ")
      } UTC. Intervals are of 95 %, by source.`,
    ),
    ...(problems.length === 0 ? [] : [create(
      "details",
      {},
      create("summary", { class: "is-wrong" }, `${countOf(problems.length, "line")} left out`),
      create(
        "ul",
        {},
        ...problems.map(({ place, problem }) => create("li", {}, `${place}: ${problem}`)),
      ),
    )]),
    createTable(
      elements,
      [
        "model",
        "right",
        "macro-F1",
        "unknown",
        "ECE",
        "Brier",
        "$ a picture",
        "tokens",
        "latency",
      ],
      groups.map(toOverviewRow),
      "overview",
    ),
    ...comparisons.map((comparison) =>
      create(
        "p",
        {},
        ...describeComparison(comparison).map((sentence, index) =>
          create(index === 0 ? "strong" : "span", {}, `${sentence} `)
        ),
      )
    ),
  ];
}

function toOverviewRow({ name, properties, reliability, costs }: GroupSummary): string[] {
  const family = properties.find(({ property }) => property === "family");
  const { usdPerPicture, promptTokens, completionTokens, latencyMs } = costs;
  return [
    name,
    family ? toPercentEstimate(family.accuracy) : "-",
    family ? toEstimate(family.macroF1, 2) : "-",
    family ? toPercent(family.unknown.value) : "-",
    reliability ? toEstimate(reliability.ece, 3) : "-",
    reliability ? toEstimate(reliability.brier, 3) : "-",
    usdPerPicture === null ? "-" : toUsd(usdPerPicture),
    promptTokens === null || completionTokens === null
      ? "-"
      : `${Math.round(promptTokens)} + ${Math.round(completionTokens)}`,
    latencyMs === null ? "-" : `${toSeconds(latencyMs.median)}, p95 ${toSeconds(latencyMs.p95)}`,
  ];
}

function createGroup(
  elements: Elements,
  summary: GroupSummary,
  { lines }: AnswerGroup,
  thumbnails: ReadonlyMap<string, string>,
): PageElement {
  const { create, document } = elements;
  const { name, answered, failed, failures, properties, riskCoverage } = summary;
  const codes = Object.entries(failures).map(([code, count]) => `${code} ${count}`).join(", ");
  const wrong = findWrong(lines).length;
  const figure = (title: string, text: string, plot: PageElement, style: string | null = null) =>
    create(
      "figure",
      { class: style },
      create("figcaption", {}, create("strong", {}, title), text),
      create("div", { class: "scroll" }, plot),
    );
  return create(
    "section",
    {},
    create("h2", {}, name),
    create(
      "p",
      { class: "soft" },
      `${answered} answered${failed > 0 ? `, ${failed} failed (${codes})` : ""}; ` +
        `${toUsd(summary.costs.paidUsd)} paid for it now.`,
    ),
    createTable(
      elements,
      ["property", "labels", "right", "macro-F1", "unknown"],
      properties.map(({ property, count, accuracy, macroF1, unknown }) => [
        property,
        String(count),
        toPercentEstimate(accuracy),
        toEstimate(macroF1, 2),
        toPercent(unknown.value),
      ]),
    ),
    create("h3", {}, "Confidence"),
    create(
      "div",
      { class: "figures" },
      ...[summary.reliability, summary.rawReliability].filter((each) => each !== null)
        .map((reliability) =>
          figure(
            "Reliability",
            `${countOf(reliability.count, "answer")}: ${
              nameFigure(reliability).replace(/,$/, "")
            }. ECE ${toEstimate(reliability.ece)}, Brier ${
              toEstimate(reliability.brier)
            }. On the dashed line a figure is what it says.`,
            plotReliability(document, reliability),
          )
        ),
      riskCoverage && figure(
        "Risk and coverage",
        "How many are right of the most confident answers alone.",
        plotRiskCoverage(document, riskCoverage),
      ),
    ),
    create("h3", {}, "Confusion"),
    create(
      "div",
      { class: "figures" },
      ...properties.filter(({ property }) => valuesOf(property) !== null && !isList(property))
        .map((score) =>
          figure(
            score.property,
            "Labels in rows, answers in columns.",
            plotConfusion(document, score),
            score.confusion.answers.length > WIDE_COLUMNS ? "matrix wide" : "matrix",
          )
        ),
    ),
    create("h3", {}, "Labels"),
    ...properties.map((score) => createClasses(elements, score)),
    create("h3", {}, `Wrong families: ${wrong}`),
    ...createWrongAnswers(elements, lines, thumbnails),
  );
}

function createClasses(elements: Elements, score: PropertyScore): PageElement {
  const { create } = elements;
  return create(
    "details",
    score.property === "family" ? { open: "" } : {},
    create("summary", {}, score.property),
    createTable(elements, ...toClassCells(score)),
  );
}
