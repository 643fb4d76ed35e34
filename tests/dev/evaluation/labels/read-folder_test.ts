import assert from "node:assert/strict";
import { readLabels } from "../../../../dev/evaluation/labels/read-labels.ts";

async function read(files: string[]) {
  const folder = await Deno.makeTempDir();
  try {
    for (const file of files) {
      await Deno.mkdir(`${folder}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${file}`, "");
    }
    const { pictures, problems } = await readLabels(folder);
    return {
      pictures: pictures.map(({ file, source, labels }) => [file, source, labels.family]),
      problems: problems.map(({ place, problem }) => `${place} ${problem}`),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("labels of a folder: the family is the folder's name, a further folder is a source", async () => {
  const { pictures, problems } = await read([
    "Wood/a.jpg",
    "Wood/board 7/left.jpg",
    "Wood/board 7/near/right.jpg",
    "stone/b.jpg",
    "stone/.DS_Store",
  ]);
  assert.deepEqual(problems, []);
  assert.deepEqual(pictures, [
    ["Wood/a.jpg", "Wood/a.jpg", "wood"],
    ["Wood/board 7/left.jpg", "Wood/board 7", "wood"],
    ["Wood/board 7/near/right.jpg", "Wood/board 7", "wood"],
    ["stone/b.jpg", "stone/b.jpg", "stone"],
  ]);
});

Deno.test("labels of a folder: other folders and files beside them are told", async () => {
  const { pictures, problems } = await read(["wood/a.jpg", "granite/b.jpg", "c.jpg"]);
  assert.equal(pictures.length, 1);
  assert.deepEqual(problems.map((line) => line.replace(/ wood, .*/, " …")), [
    "c.jpg lies in no folder of a family",
    'granite/ (1 file): family "granite" is not one of …',
  ]);
});

Deno.test("labels: neither a folder nor a file is refused in words", async () => {
  await assert.rejects(readLabels("/nowhere"), /There is no folder or CSV "\/nowhere"/);
  await assert.rejects(read(["a.jpg"]), /has no folders named by a family/);
});
