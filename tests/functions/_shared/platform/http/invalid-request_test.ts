import assert from "node:assert/strict";
import { toErrorResponse } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { invalidRequest } from "../../../../../supabase/functions/_shared/platform/http/invalid-request.ts";
import fc from "../../../../support/fast-check.ts";

const lengthOf = async (error: ApiError) =>
  (await toErrorResponse(error, crypto.randomUUID()).arrayBuffer()).byteLength;

Deno.test("invalidRequest() tells twenty problems of many, and how many more there are", () => {
  const problems = Object.fromEntries(
    Array.from({ length: 100_000 }, (_, i) => [`field_${i}`, "must be a string"]),
  );
  const { details, message } = invalidRequest(problems);
  assert.equal(Object.keys(details!).length, 20);
  assert.equal(details!.field_0, "must be a string");
  assert.match(message, /and 99980 more problems$/);
});

Deno.test("invalidRequest() cuts each name and problem, never within a character", () => {
  const { details } = invalidRequest({
    [`${"n".repeat(98)}😀${"n".repeat(1e6)}`]: "p".repeat(1e6),
  });
  const [[name, problem]] = Object.entries(details!) as [[string, string]];
  assert.equal(name, `${"n".repeat(98)}…`);
  assert.equal(problem, `${"p".repeat(299)}…`);
});

Deno.test("an error's response is never over 64 kB, whatever it quotes", async () => {
  const worst = "\u0001".repeat(10_000);
  const errors = [
    new ApiError("INTERNAL", worst.repeat(100)),
    new ApiError("INVALID_REQUEST", worst, { details: { [worst]: worst } }),
    new ApiError("INVALID_REQUEST", "x", {
      details: { a: Array(100_000).fill(worst.slice(9_990)) },
    }),
    invalidRequest(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [i + worst, worst]))),
  ];
  for (const error of errors) assert.ok(await lengthOf(error) < 64_000);
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary", maxLength: 2_000 })),
      async (details) => assert.ok(await lengthOf(invalidRequest(details)) < 64_000),
    ),
    { numRuns: 50 },
  );
});
