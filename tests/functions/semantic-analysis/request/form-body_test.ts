import assert from "node:assert/strict";
import { withText } from "../../../support/pictures.ts";
import { BASE64, GIF, post, postForm, postImage, problemsOf, read } from "./posted-requests.ts";

Deno.test("readAnalysisRequest() takes every field of a form and of a query", async () => {
  const options = {
    temperature: 1.5,
    max_tokens: 50,
    stream: true,
    cache: "refresh",
    min_precision: 0.9,
  };
  const form = await read(postForm({
    analysis_type: "general_description",
    prompt: "Which wood? Ποιο;",
    options: JSON.stringify(options),
  }));
  const image = await read(
    postImage(
      "?analysis_type=general_description&temperature=1.5&max_tokens=50&stream=true&cache=refresh" +
        "&min_precision=0.9",
    ),
  );
  for (const request of [form, image]) {
    assert.equal(request.analysisType, "general_description");
    assert.equal(request.temperature, 1.5);
    assert.equal(request.maxTokens, 50);
    assert.equal(request.isStreamed, true);
    assert.equal(request.cacheMode, "refresh");
    assert.equal(request.minPrecision, 0.9);
    assert.deepEqual(request.warnings, []);
  }
  assert.equal(form.prompt, "Which wood? Ποιο;");
  assert.equal(image.prompt, null);
});

Deno.test("readAnalysisRequest() takes a field of a form without a value for one that is left out", async () => {
  const expected = withText(await read(postForm()));
  // JavaScript's append() writes what is not there by its name.
  for (const nothing of ["", String(undefined), String(null)]) {
    const fields = { analysis_type: nothing, prompt: nothing, options: nothing, x: nothing };
    assert.deepEqual(withText(await read(postForm(fields))), expected);
  }
});

Deno.test("readAnalysisRequest() names what is wrong with a form's fields", async () => {
  const cases: [Record<string, string | Blob | null>, Record<string, string>][] = [
    [{ image: null }, { image: "must be there, as a file" }],
    [{ image: null, image_data: BASE64 }, { image: "must be there, as a file" }],
    [{ image: BASE64 }, { image: "must be a file, not text" }],
    [{ options: "{" }, { options: "must be JSON" }],
    [{ options: "[]" }, { options: "must be an object" }],
    [{ options: '{"cache":1}' }, { "options.cache": "must be one of use, refresh, off" }],
    [{ options: '{"min_precision":1}' }, {
      "options.min_precision": "must be a number from 0.5 to 0.99",
    }],
    [{ analysis_type: "x", image: null }, {
      analysis_type: "must be one of material_identification, general_description",
      image: "must be there, as a file",
    }],
    [{ prompt: new Blob(["x"]) }, { prompt: "must be text, not a file" }],
    [{ prompt: "x".repeat(4_001) }, { prompt: "must be a string of 1 to 4000 characters" }],
  ];
  for (const [fields, problems] of cases) {
    assert.deepEqual(await problemsOf(postForm(fields)), problems);
  }
});

Deno.test("readAnalysisRequest() takes options that are a Blob for JSON", async () => {
  const options = new Blob(['{"max_tokens":50}'], { type: "application/json" });
  assert.equal((await read(postForm({ options }))).maxTokens, 50);
  const broken = new Blob(["{"], { type: "application/json" });
  assert.deepEqual(await problemsOf(postForm({ options: broken })), { options: "must be JSON" });
});

Deno.test("readAnalysisRequest() refuses a field that a form or a query gives twice", async () => {
  for (const name of ["image", "prompt", "analysis_type", "options"]) {
    const form = new FormData();
    for (let i = 0; i < 2; i++) form.append(name, name === "image" ? new Blob([GIF]) : "{}");
    if (name !== "image") form.append("image", new Blob([GIF]));
    const request = new Request("https://example.com/", { method: "POST", body: form });
    assert.equal((await problemsOf(request))?.[name], "must be given once");
  }
  for (const name of ["analysis_type", "temperature", "max_tokens", "stream", "cache"]) {
    assert.deepEqual(await problemsOf(postImage(`?${name}=1&${name}=1`)), {
      [name]: "must be given once",
    });
  }
});

Deno.test("readAnalysisRequest() refuses a form that isn't whole, or not one", async () => {
  const whole = postForm();
  const type = whole.headers.get("content-type")!;
  const text = await whole.text();
  const requests = [
    post(text.slice(0, -20), type),
    post("", type),
    post(text, "multipart/form-data; boundary=other"),
    post(JSON.stringify({ image_data: BASE64 }), type),
  ];
  for (const request of requests) {
    assert.deepEqual(await problemsOf(request), {
      body: "must be a whole multipart/form-data form",
    });
  }
});
