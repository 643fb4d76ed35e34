import assert from "node:assert/strict";
import {
  searchMaterials,
  type SearchRequest,
} from "../../../../../supabase/functions/_shared/client/search/search-materials.ts";
import {
  type Answer,
  createFakeClient,
  neverAnswer,
  refuse,
} from "../../../../support/analysis-client.ts";

const FOUND = { results: [], search_metadata: { total_results: 0 }, request_id: "request-1" };

Deno.test("searchMaterials() posts the vector and the space that it is of, for the user it is told", async () => {
  const { client, requests } = createFakeClient(() => Response.json(FOUND));
  const query: SearchRequest = {
    search_type: "visual_similarity",
    query_embedding: [0.5, 1],
    embedding_space: "siglip2-base",
  };
  assert.deepEqual(await searchMaterials(client, query, { userToken: "token-of-ada" }), FOUND);
  const [sent] = requests;
  assert.equal(new URL(sent!.url).pathname, "/functions/v1/visual-search");
  assert.equal(sent!.headers.get("authorization"), "Bearer token-of-ada");
  assert.deepEqual(await sent!.json(), query);
});

Deno.test("searchMaterials() sends a picture's bytes as base64, and its name as it is", async () => {
  const { client, requests } = createFakeClient(() => Response.json(FOUND));
  const bytes = new Uint8Array([255, 216, 255, 0, 7]);
  const stored = { bucket: "photos", path: "a/b.jpg" };
  for (
    const [query_image, expected] of [
      [bytes, "/9j/AAc="],
      [new Blob([bytes]), "/9j/AAc="],
      [bytes.buffer, "/9j/AAc="],
      [new URL("https://example.com/oak.jpg"), "https://example.com/oak.jpg"],
      ["/9j/AAc=", "/9j/AAc="],
      [stored, stored],
    ] as const
  ) {
    await searchMaterials(client, { search_type: "hybrid", query_image });
    assert.deepEqual(await requests.at(-1)!.json(), {
      search_type: "hybrid",
      query_image: expected,
    });
  }
});

Deno.test("searchMaterials() tells the function what its picture has left of the time", async () => {
  const { client, requests } = createFakeClient(() => Response.json(FOUND));
  const { now } = performance;
  let readMs = 0;
  class SlowBlob extends Blob {
    override arrayBuffer() {
      readMs += 5_000;
      return super.arrayBuffer();
    }
  }
  performance.now = () => readMs;
  try {
    const query_image = new SlowBlob(["picture"]);
    await searchMaterials(client, { search_type: "hybrid", query_image }, { timeoutMs: 30_000 });
  } finally {
    performance.now = now;
  }
  assert.equal(requests[0]!.headers.get("x-deadline-ms"), "25000");
});

Deno.test("searchMaterials() names the function that did not answer", async () => {
  const query = { search_type: "hybrid", query_text: "oak" } as const;
  const messageOf = async (answer: Answer, timeoutMs?: number) => {
    const { client } = createFakeClient(answer);
    const options = timeoutMs === undefined ? {} : { timeoutMs };
    return await searchMaterials(client, query, options).catch(({ message }) => message);
  };
  const lost = () => Promise.reject(new TypeError("lost"));
  assert.equal(await messageOf(lost), "visual-search could not be reached, or was cut off");
  assert.equal(await messageOf(neverAnswer, 0), "visual-search did not answer within 0 ms");
  assert.equal(
    await messageOf(() => new Response("", { status: 502 })),
    "The platform answered 502 in place of visual-search",
  );
});

Deno.test("searchMaterials() throws the one error of the client", async () => {
  const query = { search_type: "hybrid", query_text: "oak" } as const;
  const details = { embedding_space: 'there is no embedding space "none"' };
  const refused = createFakeClient(() => refuse(400, "INVALID_REQUEST", { details }));
  await assert.rejects(searchMaterials(refused.client, query), {
    name: "SemanticAnalysisError",
    code: "INVALID_REQUEST",
    details,
  });
  const garbled = createFakeClient(() => Response.json({ results: "none" }));
  await assert.rejects(searchMaterials(garbled.client, query), { code: "INVALID_RESPONSE" });
  const { client } = createFakeClient(neverAnswer);
  await assert.rejects(searchMaterials(client, query, { signal: AbortSignal.abort() }), {
    name: "SemanticAnalysisError",
  });
});
