/** Files are named in a way that holds for folders with blanks and umlauts, and on Windows. */
import assert from "node:assert/strict";
import { readSources } from "./sources.ts";

Deno.test("the pathname of a URL is never a file's name", async () => {
  // Blanks and umlauts are percent-encoded in it: fileURLToPath() decodes them. What a server was
  // asked for is read from `request.url` and the like.
  const isRequest = /new URL\((?!import\.meta)[\w.!\[\]]+\.url\)/;
  const lines = (await readSources(["dev", "tests", "bench"])).flatMap(({ path, text }) =>
    text.split("\n")
      .filter((line) => /\.pathname\b|\bpathname\b.*\} =/.test(line) && !isRequest.test(line))
      .map((line) => `${path}: ${line.trim()}`)
  );
  assert.deepEqual(lines.filter((line) => !line.includes("paths_test.ts")), []);
});
