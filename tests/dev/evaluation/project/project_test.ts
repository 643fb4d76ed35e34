import assert from "node:assert/strict";
import { EvaluationError } from "../../../../dev/evaluation/errors.ts";
import { createEvaluatedProject } from "../../../../dev/evaluation/project/project.ts";
import { SemanticAnalysisError } from "../../../../supabase/functions/_shared/client/errors.ts";
import { createKeptAnswer } from "../fake-project.ts";

const LIMITS = {
  minute: { limit: 600 },
  concurrent: { limit: 16 },
  project_month: { limit_usd: 20, spent_usd: 5 },
  max_image_bytes: 6_291_456,
  analysis: {
    model: "a/a",
    ceiling_usd: 0.01,
    estimated_usd: 0.002,
    prompt_version: "p",
    schema_version: "s",
    text_tokens: 900,
    max_picture_tokens: null,
    input_usd_per_million: 0.2,
    output_usd_per_million: 0.5,
  },
};

function createProject(respond: (request: Request) => Response | Promise<Response>) {
  let nowMs = 0;
  return createEvaluatedProject({ url: "http://project.test", secretKey: "sb_secret_x" }, {
    fetch: async (input, init) => await respond(new Request(input as string, init)),
    now: () => nowMs += 250,
  });
}

Deno.test("a project: its facts are asked for by model, as the service of evaluations", async () => {
  let seen: Request | undefined;
  const project = createProject((request) => {
    seen = request;
    return Response.json(LIMITS);
  });
  const { facts, limits } = await project.readFacts("a/a");
  assert.match(seen!.url, /\/limits\?model=a%2Fa$/);
  assert.equal(seen!.headers.get("x-service-name"), "evaluation");
  assert.equal(facts.ceilingUsd, 0.01);
  assert.deepEqual(limits, {
    maxImageBytes: 6_291_456,
    concurrent: 16,
    perMinute: 600,
    projectLeftUsd: 15,
  });
});

Deno.test("a project: an answer comes with its time; a refusal is the function's error", async () => {
  let isRefused = false;
  let form: FormData | undefined;
  const project = createProject(async (request) => {
    form = await request.formData();
    return isRefused
      ? Response.json({ error: { code: "INVALID_IMAGE", message: "No", request_id: "r" } }, {
        status: 400,
      })
      : Response.json({ ...createKeptAnswer("wood").response, analysis: "Wood" });
  });
  const ask = () => project.ask(Uint8Array.of(1), { modelAsked: "a/a", isFresh: true });
  const { response, latency_ms } = await ask();
  assert.equal(response.material?.family, "wood");
  assert.equal(latency_ms, 250);
  assert.deepEqual(JSON.parse(String(form!.get("options"))), { model: "a/a", cache: "refresh" });
  isRefused = true;
  await assert.rejects(ask, (error) => error instanceof SemanticAnalysisError);
});

Deno.test("a project: what can be put right is said in words", async () => {
  const cases: [() => Response, RegExp][] = [
    [() => new Response("No such model", { status: 400 }), /400, No such model/],
    [
      () => Response.json({ error: { code: "X", message: "No such model" } }, { status: 400 }),
      /400, No such model$/,
    ],
    [() => new Response("<html>", { status: 200 }), /it tells no cost: deploy/],
    [() => Response.json({ ...LIMITS, analysis: undefined }), /it tells no cost: deploy/],
    [() => {
      throw new TypeError("refused");
    }, /can't be reached: refused/],
  ];
  for (const [respond, expected] of cases) {
    await assert.rejects(createProject(respond).readFacts(null), (error) => {
      assert.ok(error instanceof EvaluationError);
      assert.match(error.message, expected);
      return true;
    });
  }
  const other = createProject(() =>
    Response.json({ analysis: "Wood", confidence: 0.5, model_used: "a/a" })
  );
  await assert.rejects(
    other.ask(Uint8Array.of(1), { modelAsked: null, isFresh: false }),
    /answers in another form/,
  );
});
