/** Cases as files, and whether an answer is what one wants. */
import assert from "node:assert/strict";
import type { Call, Reply } from "./fake-provider.ts";

/** What must come of a case; see README.md. */
export interface Want {
  status?: number;
  code?: string | string[];
  notCode?: string | string[];
  analysis?: string;
  analysisNot?: string;
  family?: string;
  models?: string;
  maxCalls?: number;
  warning?: string;
  confidenceAbove?: number;
  storable?: boolean;
  minSpentUsd?: number;
  maxSpentUsd?: number;
  heldAfter?: number;
  kept?: boolean;
}

/** A request, what the provider replies to it, and what the function has to make of that. */
export interface Case {
  name: string;
  why: string;
  // deno-lint-ignore no-explicit-any -- the body of a request, right or wrong
  request: any;
  replies: Reply[];
  want: Want;
}

/** What came of a request. */
export interface CaseAnswer {
  /** 599 for an `error` event. */
  status: number;
  // deno-lint-ignore no-explicit-any -- the body of a response
  body: any;
  /** All deltas of a stream. */
  shown: string;
}

/** A GIF of one pixel. */
export const TINY_PICTURE = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/** Reads the cases of a folder, by name. */
export function readCases(folder: string): Case[] {
  const directory = new URL(`./${folder}/`, import.meta.url);
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  return names.filter((name) => name.endsWith(".json")).map((name) => ({
    name: name.slice(0, -".json".length),
    ...JSON.parse(Deno.readTextFileSync(new URL(name, directory))),
  }));
}

/** Posts a request, and reads its response, whole or streamed. */
export async function post(
  url: string,
  headers: Record<string, string>,
  request: Case["request"],
): Promise<CaseAnswer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ image_data: TINY_PICTURE, ...request }),
  });
  return await readAnswer(response);
}

/** Reads a response, whole or streamed. */
export async function readAnswer(response: Response): Promise<CaseAnswer> {
  const text = await response.text();
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
    return { status: response.status, body: JSON.parse(text), shown: "" };
  }
  const answer: CaseAnswer = { status: 0, body: null, shown: "" };
  for (const [, event, data] of text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)) {
    const body = JSON.parse(data!);
    if (event === "delta") answer.shown += body.text;
    else Object.assign(answer, { status: event === "result" ? 200 : 599, body });
  }
  if (answer.status === 200) assert.equal(answer.shown, answer.body.analysis, "deltas");
  return answer;
}

// deno-lint-ignore no-control-regex -- control characters are what it is about
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

/** Fails where an answer is not what a case wants. */
export function check(want: Want, answer: CaseAnswer, calls: readonly Call[]): void {
  const { status, body, shown } = answer;
  const told = JSON.stringify({ ...answer, calls: calls.map(({ model }) => model) }).slice(
    0,
    2_000,
  );
  const codes = (list: string | string[]) => [list].flat();
  if (want.status !== undefined) assert.equal(status, want.status, told);
  if (want.code) assert.ok(codes(want.code).includes(body.error?.code), told);
  if (want.notCode) assert.ok(!codes(want.notCode).includes(body.error?.code), told);
  if (want.analysis) assert.match(body.analysis ?? "", new RegExp(want.analysis), told);
  if (want.analysisNot) {
    assert.doesNotMatch(body.analysis ?? "", new RegExp(want.analysisNot), told);
    assert.doesNotMatch(shown, new RegExp(want.analysisNot), told);
  }
  if (want.family) assert.equal(body.material?.family, want.family, told);
  if (want.models) {
    assert.match(calls.map(({ model }) => model).join(","), new RegExp(want.models), told);
  }
  if (want.maxCalls !== undefined) assert.ok(calls.length <= want.maxCalls, told);
  if (want.warning) {
    const warnings = (body.warnings ?? []).map(({ code }: { code: string }) => code);
    assert.ok(warnings.includes(want.warning), told);
  }
  if (want.confidenceAbove !== undefined) {
    assert.ok((body.confidence ?? 0) > want.confidenceAbove, told);
  }
  if (want.storable) {
    const everything = JSON.stringify(body, (_, value) => value);
    const texts = [body.analysis, shown, ...Object.values(body.material ?? {}).flat()];
    for (const text of texts.filter((each) => typeof each === "string")) {
      assert.doesNotMatch(text, CONTROL, everything);
      assert.ok((text as string).isWellFormed(), everything);
    }
  }
}
