import assert from "node:assert/strict";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { toText } from "../../../dev/tasks/openapi.ts";

const checkedIn = await Deno.readTextFile(
  new URL("../../../docs/openapi.json", import.meta.url),
);

Deno.test("docs/openapi.json is what its schemas say; `deno task openapi` writes it", () => {
  assert.equal(checkedIn, toText());
});

Deno.test("the OpenAPI document: a linter finds nothing wrong with it, its examples included", async () => {
  const problems = await lintFromString({
    source: checkedIn,
    absoluteRef: "openapi.json",
    config: await createConfig({
      extends: ["recommended"],
      rules: {
        "no-invalid-media-type-examples": "error",
        // Of what `contentSchema` refers to it sees nothing.
        "no-unused-components": "off",
      },
    }),
  });
  assert.deepEqual(
    problems.map(({ ruleId, message, location: [first] }) =>
      `${ruleId}: ${message} ${first?.pointer}`
    ),
    [],
  );
});

Deno.test("the OpenAPI document has no members that are empty, and no id of a schema's own", () => {
  assert.doesNotMatch(checkedIn, /"(\$id|\$schema|id)": "/);
  assert.doesNotMatch(checkedIn, /"description": ""/);
});
