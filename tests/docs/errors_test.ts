/** docs/errors.md lists every code, with what the functions and the client make of it. */
import assert from "node:assert/strict";
import { FINAL_CODES } from "../../dev/playground/page/parts/is-final.ts";
import { describeError } from "../../supabase/functions/_shared/client/describe-error.ts";
import {
  ERROR_CODES,
  SemanticAnalysisError,
} from "../../supabase/functions/_shared/client/errors.ts";
import {
  ApiError,
  type ApiErrorCode,
  isApiErrorCode,
} from "../../supabase/functions/_shared/platform/http/api-error.ts";
import { LIMIT_NAMES } from "../../supabase/functions/_shared/platform/limits/rate-limits.ts";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

const read = (name: string) => Deno.readTextFile(`${projectDirectory}/docs/${name}`);
const errors = await read("errors.md");

/** The cells of the rows whose first is a code, below a heading and before the next one. */
function readRows(markdown: string, heading: string): string[][] {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(heading)) ??
    assert.fail(`No section: ${heading}`);
  return [...section.matchAll(/^\| `([A-Z_]+)`\s+\|(.*)\|$/gm)]
    .map(([, code, cells]) => [code!, ...cells!.split("|").map((cell) => cell.trim())]);
}

const functionRows = readRows(errors, "Of the functions");
const clientRows = readRows(errors, "Of the client alone");

Deno.test("docs/errors.md has each code once, those of the functions apart", () => {
  const known = ERROR_CODES.filter(isApiErrorCode);
  assert.deepEqual(functionRows.map(([code]) => code).toSorted(), known.toSorted());
  const others = ERROR_CODES.filter((code) => !isApiErrorCode(code));
  assert.deepEqual(clientRows.map(([code]) => code).toSorted(), others.toSorted());
});

Deno.test("docs/errors.md gives each code the status that the functions answer with", () => {
  for (const [code, status] of functionRows) {
    assert.equal(Number(status), new ApiError(code as ApiErrorCode, "").status, code);
  }
});

Deno.test("docs/errors.md says try again, yes, of exactly those with a Retry-After", () => {
  for (const [code, , , , again] of functionRows) {
    const { retryAfterSeconds } = new ApiError(code as ApiErrorCode, "");
    assert.equal(again === "yes", retryAfterSeconds !== undefined, code);
  }
});

Deno.test("docs/errors.md says try again, no, of exactly those that the playground tells as final", () => {
  const final = [
    ...functionRows.filter(([, , , , again]) => again === "no"),
    ...clientRows.filter(([, , , again]) => again === "no"),
  ];
  assert.deepEqual(final.map(([code]) => code).toSorted(), FINAL_CODES.toSorted());
});

Deno.test("docs/errors.md tells a person what describeError() tells", () => {
  const rows = [
    ...functionRows.map(([code, , , sentence]) => [code, sentence]),
    ...clientRows.map(([code, , sentence]) => [code, sentence]),
  ];
  for (const [code, sentence] of rows) {
    if (code === "UNKNOWN_ERROR") continue;
    const described = describeError(new SemanticAnalysisError("", { code: code! }));
    assert.ok(described.startsWith(sentence!), `${code}: ${described}`);
  }
});

Deno.test("docs/api.md lists every code of the functions with its status", async () => {
  const section = (await read("api.md")).split(/^### /m)
    .find((part) => part.startsWith("Errors\n"))!;
  const rows = [...section.matchAll(/^\| (\d{3})\s+\| `([A-Z_]+)`/gm)];
  assert.deepEqual(
    rows.map(([, status, code]) => [code, status]).toSorted(),
    functionRows.map(([code, status]) => [code, status]).toSorted(),
  );
});

Deno.test("docs/errors.md has each limit that RATE_LIMITED can name", async () => {
  const badRequests = await Deno.readTextFile(
    `${projectDirectory}/supabase/functions/_shared/platform/limits/bad-requests.ts`,
  );
  const others = [...badRequests.matchAll(/limit: "([a-z_]+)"/g)].map(([, name]) => name!);
  assert.equal(others.length, 1);
  const names = [...LIMIT_NAMES, ...others];
  for (const name of names) assert.match(errors, new RegExp(`^\\| \`${name}\` `, "m"));
});
