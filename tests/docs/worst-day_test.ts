/** The arithmetic of docs/operations.md is that of the code. */
import assert from "node:assert/strict";
import type { Caller } from "../../supabase/functions/_shared/platform/auth/authenticate.ts";
import { toPricedRequest } from "../../supabase/functions/semantic-analysis/answer/priced-request.ts";
import type { AnalysisRequest } from "../../supabase/functions/semantic-analysis/request/request.ts";
import { parseSettings } from "../../supabase/functions/semantic-analysis/settings.ts";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { REQUEST } from "../support/analyse.ts";

const markdown = await Deno.readTextFile(`${projectDirectory}/docs/operations.md`);
const { settings } = parseSettings({ TOGETHER_API_KEY: "k" });
const { user, anonymous, projectNanoUsdPerMonth, anonymousNanoUsdPerDay } = settings!.limits;
const USER: Caller = { subject: "user:u", kind: "user", userId: "u", hasSecret: false };

const BY_URL = { picture: { kind: "url", url: "https://example.com/a.jpg" } } as const;
/** Three bytes a character in UTF-8. */
const LONGEST_PROMPT = "€".repeat(4_000);

function ceilingUsd(request: Partial<AnalysisRequest>): number {
  return toPricedRequest("id", USER, { ...REQUEST, ...request }, settings!).ceilingNanoUsd / 1e9;
}

const prepared = ceilingUsd({
  picture: { ...REQUEST.picture, width: 1_119, height: 1_119 } as AnalysisRequest["picture"],
});
const longAnswer = ceilingUsd({ ...BY_URL, maxTokens: 4_096 });
const dearest = ceilingUsd({ ...BY_URL, maxTokens: 4_096, prompt: LONGEST_PROMPT });

/** The last cell of the row that begins so. */
function readCell(beginning: string): string {
  const row = markdown.split("\n").find((line) => line.startsWith(`| ${beginning}`)) ??
    assert.fail(`No row: ${beginning}`);
  return row.split("|").at(-2)!.trim();
}

Deno.test("docs/operations.md: what a request can take at most", () => {
  assert.equal(readCell("a prepared picture"), `$${prepared.toFixed(3)}`);
  assert.equal(readCell("the largest picture"), `$${ceilingUsd(BY_URL).toFixed(3)}`);
  assert.equal(readCell("with an answer of 4,096 tokens"), `$${longAnswer.toFixed(3)}`);
  assert.equal(readCell("and with a prompt of 4,000"), `$${dearest.toFixed(3)}`);
});

Deno.test("docs/operations.md: what a day can cost at most, by caller", () => {
  const usersDay = `$${(user.perDay * dearest).toFixed(2)}`;
  assert.equal(readCell("all anonymous users together"), `$${anonymousNanoUsdPerDay! / 1e9}`);
  assert.equal(readCell("one signed-in user"), usersDay);
  assert.equal(readCell("all holders of static keys"), usersDay);
  assert.equal(readCell("one project secret"), `$${projectNanoUsdPerMonth! / 1e9}`);
  assert.equal(readCell("the whole project"), `$${projectNanoUsdPerMonth! / 1e9}`);
  // Two users use up the month in a day, anonymous users in twenty.
  assert.ok(2 * user.perDay * dearest * 1e9 > projectNanoUsdPerMonth!);
  assert.ok(20 * anonymousNanoUsdPerDay! >= projectNanoUsdPerMonth!);
});

Deno.test("docs/operations.md: what free sign-ups would cost without the ceilings", () => {
  assert.ok(markdown.replace(/\s+/g, " ").includes(`30 × 24 × ${anonymous.perDay} requests a day`));
  const usd = 30 * 24 * anonymous.perDay * longAnswer;
  assert.ok(usd > 1_550 && usd < 1_650, String(usd));
});
