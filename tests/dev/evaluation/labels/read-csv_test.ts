import assert from "node:assert/strict";
import { EvaluationError } from "../../../../dev/evaluation/errors.ts";
import { readCsv } from "../../../../dev/evaluation/labels/read-csv.ts";

async function read(content: string | Uint8Array) {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/labels.csv`;
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(path, bytes);
    const { pictures, problems } = await readCsv(path);
    return {
      pictures: pictures.map(({ path, ...rest }) => ({
        ...rest,
        path: path.slice(folder.length + 1),
      })),
      problems: problems.map(({ place, problem }) => `${place}: ${problem}`),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("labels of a CSV: properties, sources and lists, whatever the case", async () => {
  const { pictures, problems } = await read(
    "\ufeffFile,Family,finish,colors,source,type\r\n" +
      '"a, b.jpg",Wood,Semi-Gloss,Dark Brown|black,board 1,White  Oak\r\n' +
      "sub/c.jpg,stone,,,,\r\n",
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(pictures, [{
    file: "a, b.jpg",
    path: "a, b.jpg",
    source: "board 1",
    labels: {
      family: "wood",
      type: "white oak",
      finish: "semi_gloss",
      colors: ["dark brown", "black"],
    },
  }, {
    file: "sub/c.jpg",
    path: "sub/c.jpg",
    source: "sub/c.jpg",
    labels: { family: "stone" },
  }]);
});

Deno.test("labels of a CSV: each bad line is told by its number, the others are read", async () => {
  const { pictures, problems } = await read([
    "file,family,finish,notes",
    "a.jpg,wood,,",
    "b.jpg,granite,,",
    'c"d.jpg,wood,,',
    'd.jpg,"wood,,',
    'e.jpg,"wo"od,,',
    "f.jpg,wood",
    ",wood,,",
    "a.jpg,stone,,",
    "",
    "g.jpg,,,only a note",
    "h.jpg,unknown,shiny,",
    "i.jpg,metal,brushed,fine",
  ].join("\n"));
  assert.deepEqual(pictures.map(({ file }) => file), ["a.jpg", "i.jpg"]);
  const families = "wood, stone, metal, textile, leather, ceramic, brick, concrete, plaster, " +
    "glass, plastic, rubber, paper, composite, other";
  assert.deepEqual(problems.map((line) => line.replace(/(is not one of) matte.*/, "$1 …")), [
    'line 1: the column "notes" is not used',
    `line 3: family "granite" is not one of ${families}`,
    "line 4: it is no line of a CSV: a quote stands in the middle of a field",
    "line 5: it is no line of a CSV: a quote is not closed",
    "line 6: it is no line of a CSV: text follows a closing quote",
    "line 7: it has 2 fields, the first line has 4",
    "line 8: it names no file",
    'line 9: "a.jpg" is on line 2 already',
    "line 11: it has no label",
    'line 12: family "unknown" is no label, leave it empty; finish "shiny" is not one of …',
  ]);
});

Deno.test("labels of a CSV: a quoted field may hold ends of lines, and lines are counted with them", async () => {
  const { pictures, problems } = await read([
    "file,family,notes",
    'a.jpg,wood,"seen twice,',
    "",
    'on a ""board"""',
    'b.jpg,"granite',
    'rock",',
    'c.jpg,"wood,',
    "d.jpg,stone,",
  ].join("\r\n"));
  assert.deepEqual(pictures.map(({ file }) => file), ["a.jpg", "d.jpg"]);
  assert.deepEqual(problems.map((line) => line.replace(/(is not one of).*/, "$1 …")), [
    'line 1: the column "notes" is not used',
    'line 5: family "granite_rock" is not one of …',
    "line 7: it is no line of a CSV: a quote is not closed",
  ]);
});

Deno.test("labels of a CSV: semicolons and tabs separate as well", async () => {
  for (const separator of [";", "\t"]) {
    const { pictures } = await read(`file${separator}family\na.jpg${separator}wood\n`);
    assert.deepEqual(pictures[0]?.labels, { family: "wood" });
  }
});

Deno.test("labels of a CSV: a file that can't be one is refused in words", async () => {
  const cases: [string | Uint8Array, RegExp][] = [
    ["", /has no column "file"/],
    ["name,family\n", /has no column "file"/],
    ["file,notes\n", /no column of a property: family, type/],
    ["file,family,family\n", /two columns "family"/],
    ['file,"family\n', /line 1: it is no line of a CSV: a quote is not closed/],
    [Uint8Array.of(0xff, 0xfe, 0x66, 0x00), /it is not UTF-8/],
  ];
  for (const [content, expected] of cases) {
    await assert.rejects(read(content), (error) => {
      assert.ok(error instanceof EvaluationError);
      assert.match(error.message, expected);
      return true;
    });
  }
});
