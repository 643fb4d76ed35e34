import assert from "node:assert/strict";
import { inspectPictures } from "../../../../dev/evaluation/labels/inspect-pictures.ts";

const PICTURE = await Deno.readFile(new URL("../../../../dev/samples/wood.jpg", import.meta.url));

Deno.test("pictures of labels: a file is found by its name as another system writes it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/Hölzer`);
    await Deno.writeFile(`${folder}/Hölzer/groß.jpg`, PICTURE);
    const names = ["Hölzer/groß.jpg", "Ho\u0308lzer/groß.jpg", "Hölzer\\groß.jpg"];
    for (const file of names) {
      const picture = { file, path: `${folder}/${file}`, source: file, labels: {} };
      const { pictures, problems } = await inspectPictures([picture], 10_000_000);
      assert.deepEqual(problems, []);
      // What reads the picture later finds it too.
      assert.deepEqual(await Deno.readFile(pictures[0]!.path), PICTURE);
      assert.equal(pictures[0]!.file, file);
    }
    const none = { file: "x.jpg", path: `${folder}/x.jpg`, source: "x", labels: {} };
    assert.deepEqual((await inspectPictures([none], 1)).problems, [
      { place: "x.jpg", problem: "is missing" },
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
