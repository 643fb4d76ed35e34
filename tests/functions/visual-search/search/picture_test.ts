import assert from "node:assert/strict";
import type { CallerRights } from "../../../../supabase/functions/visual-search/search/caller-rights.ts";
import {
  describePicture,
  isWorthDegrading,
} from "../../../../supabase/functions/visual-search/search/picture.ts";
import type {
  AnalysisResponseBody,
  StoredImage,
} from "../../../../supabase/functions/_shared/client/contract.ts";
import { SemanticAnalysisError } from "../../../../supabase/functions/_shared/client/errors.ts";

const USER: CallerRights = { kind: "user", userId: "u", token: "t" };

const MATERIAL = {
  family: "wood",
  type: "unknown",
  finish: "semi_gloss",
  texture: "unknown",
  pattern: "grain",
  colors: ["warm brown"],
  reflectivity: "low",
  transparency: "opaque",
  applications: ["flooring"],
  style: [],
  quality_flags: [],
  lookalikes: ["ash"],
};

// deno-lint-ignore no-explicit-any
function describe(analysis: any, rights = USER, image: string | StoredImage = "image") {
  // deno-lint-ignore no-explicit-any
  const calls: any[] = [];
  const described = describePicture(image, {
    client: null as never,
    rights,
    call: { requestId: "r" },
    onHeaders: () => {},
    analyse: (_client, request, options) => {
      calls.push({ request, options });
      return analysis instanceof Error
        ? Promise.reject(analysis)
        : Promise.resolve(analysis as AnalysisResponseBody);
    },
  });
  return { described, calls };
}

Deno.test("describePicture() searches by the terms that are known", async () => {
  const picture = await describe({ analysis: "Prose.", material: MATERIAL }).described;
  assert.ok(picture.kind === "described");
  assert.equal(picture.text, "wood semi gloss grain warm brown flooring");
  assert.deepEqual(picture.properties, {
    family: "wood",
    finish: "semi_gloss",
    pattern: "grain",
    colors: ["warm brown"],
  });
});

Deno.test("describePicture() searches by the prose where there is no structure", async () => {
  const picture = await describe({ analysis: "Oak boards.", material: null }).described;
  assert.ok(picture.kind === "described");
  assert.deepEqual([picture.text, picture.properties], ["Oak boards.", null]);
});

Deno.test("describePicture() asks on the caller's account", async () => {
  const user = describe({ analysis: "a", material: null });
  await user.described;
  assert.equal(user.calls[0].options.userToken, "t");
  assert.ok(!("serviceName" in user.calls[0].options));
  const service = describe({ analysis: "a", material: null }, {
    kind: "service",
    name: "jobs",
    secret: "s",
  });
  await service.described;
  assert.equal(service.calls[0].options.serviceName, "jobs");
  assert.ok(!("userToken" in service.calls[0].options));
});

Deno.test("describePicture() says what failed; a caller's own fault is not passed over", async () => {
  const cases = [
    { code: "RATE_LIMITED", status: 429, expected: 429, isPassedOver: false },
    { code: "INVALID_IMAGE", status: 400, expected: 400, isPassedOver: false },
    { code: "UPSTREAM_REJECTED", status: 502, expected: 502, isPassedOver: true },
    { code: "TIMEOUT", status: null, expected: 504, isPassedOver: true },
    { code: "NETWORK_ERROR", status: null, expected: 503, isPassedOver: true },
  ];
  for (const { code, status, expected, isPassedOver } of cases) {
    const error = new SemanticAnalysisError("No", { code, status, requestId: "q" });
    const picture = await describe(error).described;
    assert.ok(picture.kind === "failed");
    assert.equal(picture.refusal.status, expected, code);
    assert.equal(picture.requestId, "q");
    assert.equal(isWorthDegrading(picture), isPassedOver, code);
  }
  await assert.rejects(describe(new TypeError("a bug")).described, TypeError);
});

Deno.test("describePicture() names the picture as its own callers do", async () => {
  const details = { image_data: "must be an https URL", other: 1 };
  const options = { code: "INVALID_REQUEST", status: 400, details, requestId: "q" };
  const message = "The request is not valid: image_data must be an https URL";
  const picture = await describe(new SemanticAnalysisError(message, options)).described;
  assert.ok(picture.kind === "failed");
  const { refusal } = picture;
  assert.deepEqual(refusal.details, { query_image: "must be an https URL", other: 1 });
  assert.equal(refusal.message, "The request is not valid: query_image must be an https URL");
  assert.deepEqual([refusal.code, refusal.status], ["INVALID_REQUEST", 400]);
});

Deno.test("describePicture() passes a picture in Storage on, and names its fields", async () => {
  const details = { "image.path": "must be a path" };
  const error = new SemanticAnalysisError("The request is not valid: image.path must be a path", {
    code: "INVALID_REQUEST",
    status: 400,
    details,
    requestId: "q",
  });
  const image = { bucket: "photos", path: "../a" };
  const { described, calls } = describe(error, USER, image);
  const picture = await described;
  assert.ok(picture.kind === "failed");
  assert.deepEqual(calls[0].request, { image, analysis_type: "material_identification" });
  assert.deepEqual(picture.refusal.details, { "query_image.path": "must be a path" });
  assert.match(picture.refusal.message, /valid: query_image\.path must/);
});

Deno.test("describePicture() keeps the headers of what semantic-analysis refuses", async () => {
  const headers = new Headers({ "Retry-After": "7", RateLimit: "r" });
  const options = { code: "RATE_LIMITED", status: 429, details: { limit: "day" }, headers };
  const picture = await describe(new SemanticAnalysisError("Used up", options)).described;
  assert.ok(picture.kind === "failed");
  assert.deepEqual(picture.refusal.headers, { "Retry-After": "7", RateLimit: "r" });
  assert.deepEqual(picture.refusal.details, { limit: "day" });
});
