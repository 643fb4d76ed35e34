import assert from "node:assert/strict";
import { parse, problemsOf } from "./json-requests.ts";

const OAK = { hex: "#b68350", share: 0.7, name: "warm brown" };

Deno.test("options.palette: what preparePicture measured is taken, hex in lower case", async () => {
  const palette = [{ ...OAK, hex: "#B68350" }, { hex: "#ffffff", share: 0.3, name: "white" }];
  const request = await parse({ options: { palette } });
  assert.deepEqual(request.palette, [OAK, palette[1]]);
  assert.deepEqual(request.warnings, []);
});

Deno.test("options.palette: without one, null or empty, there is none", async () => {
  for (const options of [{}, { palette: null }, { palette: [] }]) {
    assert.equal((await parse({ options })).palette, null);
  }
});

Deno.test("options.palette: only hex, share and name are kept of a colour", async () => {
  const palette = [{ ...OAK, source: "measured", note: "x".repeat(1_000) }];
  assert.deepEqual((await parse({ options: { palette } })).palette, [OAK]);
});

Deno.test("options.palette: shares may add up to a little over 1, for each is rounded", async () => {
  const palette = [{ ...OAK, share: 0.501 }, { ...OAK, share: 0.501 }];
  assert.equal((await parse({ options: { palette } })).palette?.length, 2);
});

Deno.test("options.palette: what is no palette is refused by the name of its field", async () => {
  const nine = Array.from({ length: 9 }, () => ({ ...OAK, share: 0.1 }));
  const cases: [palette: unknown, field: string][] = [
    ["#b68350", "options.palette"],
    [nine, "options.palette"],
    [["#b68350"], "options.palette.0"],
    [[{ ...OAK, hex: "b68350" }], "options.palette.0.hex"],
    [[{ ...OAK, hex: "#b68" }], "options.palette.0.hex"],
    [[{ ...OAK, hex: "#b68350\n" }], "options.palette.0.hex"],
    [[{ ...OAK, share: 0 }], "options.palette.0.share"],
    [[{ ...OAK, share: 1.1 }], "options.palette.0.share"],
    [[{ ...OAK, share: "0.5" }], "options.palette.0.share"],
    [[OAK, OAK], "options.palette"],
    [[{ ...OAK, name: "" }], "options.palette.0.name"],
    [[{ ...OAK, name: "x".repeat(41) }], "options.palette.0.name"],
    [[{ ...OAK, name: "brown\u0000" }], "options.palette.0.name"],
    [[{ hex: OAK.hex, share: 0.5 }], "options.palette.0.name"],
  ];
  for (const [palette, field] of cases) {
    const problems = await problemsOf(parse({ options: { palette } }));
    assert.ok(field in problems!, `${JSON.stringify(palette)}: ${JSON.stringify(problems)}`);
  }
});
