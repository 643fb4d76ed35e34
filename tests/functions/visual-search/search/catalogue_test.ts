import assert from "node:assert/strict";
import { createSearchCatalogue } from "../../../../supabase/functions/visual-search/search/catalogue.ts";

function searchAnsweredWith(answer: Response) {
  const searchCatalogue = createSearchCatalogue({
    supabaseUrl: "https://project.example.com",
    publishableKey: "sb_publishable_key",
    fetch: () => Promise.resolve(answer),
  });
  const rights = { kind: "user", userId: "u", token: "t" } as const;
  return searchCatalogue({ p_query_text: "oak" }, rights, 1_000);
}

/** The database, by way of PostgREST, refuses it with this SQLSTATE. */
const searchRefusedWith = (code: string) =>
  searchAnsweredWith(Response.json({ code, message: "secret" }, { status: 400 }));

for (const code of ["22003", "22008", "22P02", "22P05"]) {
  Deno.test(`a search that the database refuses for its data (${code}) is not worth repeating`, async () => {
    await assert.rejects(searchRefusedWith(code), {
      code: "INVALID_REQUEST",
      status: 400,
      headers: {},
      message: "The database does not take a value of this search",
    });
  });
}

Deno.test("a vector that the database refuses: the field of the request is named", async () => {
  const problem = 'there is no embedding space "siglip"';
  const answer = Response.json({
    code: "22023",
    message: `embedding_space ${problem}`,
    details: JSON.stringify({ embedding_space: problem }),
  }, { status: 400 });
  await assert.rejects(searchAnsweredWith(answer), {
    code: "INVALID_REQUEST",
    status: 400,
    details: { embedding_space: problem },
  });
});

Deno.test("a search that the database refuses for its own reasons can be tried later", async () => {
  for (const code of ["53300", "XX000", "08006"]) {
    await assert.rejects(searchRefusedWith(code), { code: "UPSTREAM_UNAVAILABLE", status: 503 });
  }
});

Deno.test("a search beyond the caller's limit is denied, with the wait that the database tells", async () => {
  const answer = Response.json({
    code: "PT429",
    message: "Your limit of 60 searches per minute is used up",
    details: JSON.stringify({ limit: "search_minute", retry_after_ms: 2_500 }),
  }, { status: 429 });
  await assert.rejects(searchAnsweredWith(answer), {
    code: "RATE_LIMITED",
    details: { limit: "search_minute", retry_after_ms: 2_500 },
    headers: { "Retry-After": "3" },
  });
});

Deno.test("a search with the token of a deleted user is unauthorized", async () => {
  await assert.rejects(searchRefusedWith("PT401"), {
    code: "UNAUTHORIZED",
    status: 401,
    details: { reason: "deleted" },
  });
});

Deno.test("a search that something before the database answers can be tried later", async () => {
  const answer = new Response("Bad gateway", { status: 502 });
  await assert.rejects(searchAnsweredWith(answer), { code: "UPSTREAM_UNAVAILABLE", status: 503 });
});
