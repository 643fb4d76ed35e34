import assert from "node:assert/strict";
import type { Caller } from "../../../supabase/functions/_shared/platform/auth/authenticate.ts";
import { createByteSemaphore } from "../../../supabase/functions/_shared/platform/body/byte-semaphore.ts";
import { createEndpoint } from "../../../supabase/functions/_shared/platform/http/endpoint.ts";
import { createBadRequests } from "../../../supabase/functions/_shared/platform/limits/bad-requests.ts";
import type { Dependencies } from "../../../supabase/functions/visual-search/dependencies.ts";
import { createHandler } from "../../../supabase/functions/visual-search/handler.ts";
import type { Found } from "../../../supabase/functions/visual-search/search/catalogue.ts";

const USER: Caller = { subject: "user:u", kind: "user", userId: "u", hasSecret: false };

const FOUND: Found = {
  total_results: 0,
  total_relation: "eq",
  corrections: {},
  is_history_kept: false,
  embedding_models: [],
  embedding_space: "net",
  similar: null,
  results: [],
  analytics: null,
};

/** Posts a search, and gives the response with what the database was asked. */
async function search(body: unknown) {
  const asked: Record<string, unknown>[] = [];
  const dependencies: Partial<Dependencies> = {
    settings: {
      maxImageBytes: 300_000,
      allowedOrigins: "*",
      wrongOrigins: [],
      isAnonymousAllowed: true,
    },
    authenticate: () => Promise.resolve(USER),
    secrets: [],
    badRequests: createBadRequests(),
    byteSemaphore: createByteSemaphore({ maxBytes: 100_000 }),
    searchCatalogue: (parameters) => {
      asked.push(parameters);
      return Promise.resolve(FOUND);
    },
  };
  const endpoint = createEndpoint({
    name: "visual-search",
    handle: createHandler(dependencies as Dependencies),
    allowedOrigins: "*",
    methods: "POST",
    log: { info() {}, error() {} },
  });
  const response = await endpoint(
    new Request("http://localhost/visual-search", {
      method: "POST",
      headers: { Authorization: "Bearer token", "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
  return { status: response.status, body: await response.json(), asked };
}

Deno.test("the longest embedding is taken with every number as long as JSON writes one", async () => {
  const query_embedding = Array.from({ length: 4_000 }, () => -1.2345678901234567e-3);
  const found = await search({
    search_type: "visual_similarity",
    query_embedding,
    embedding_space: "net",
    filters: { material_types: ["x".repeat(100)] },
  });
  assert.equal(found.status, 200, JSON.stringify(found.body));
  assert.equal((found.asked[0]!.p_query_embedding as unknown[]).length, 4_000);
});

Deno.test("what is larger beside a picture is refused, and says how large it may be", async () => {
  const { status, body } = await search({
    search_type: "semantic_analysis",
    query_image: "A".repeat(20_000),
    others: Array.from({ length: 50_000 }, () => "1"),
  });
  assert.deepEqual([status, body.error.code], [413, "BODY_TOO_LARGE"]);
  assert.deepEqual(body.error.details, { max_other_bytes: 193_536, max_image_bytes: 300_000 });
});
