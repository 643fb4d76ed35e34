/** The README's first command. */
import assert from "node:assert/strict";
import sharp from "sharp";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";

async function runDemo(args: string[] = [], directory = projectDirectory) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "dev/tasks/demo.ts", ...args],
    cwd: projectDirectory,
    env: { TOGETHER_API_KEY: "", TOGETHER_BASE_URL: "", INIT_CWD: directory, COLUMNS: "20" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout), errors: decode(stderr) };
}

Deno.test("the demo analyses the samples, searches, shows the limit refusing one too many, and stops", async () => {
  const { code, output, errors } = await runDemo();
  assert.equal(code, 0, errors);
  const samples = ["brick", "brushed-metal", "granite", "marble", "wood", "woven-cloth"];
  for (const name of samples) assert.ok(output.includes(`${name}.jpg`), name);
  assert.match(output, /Looks most like wood/);
  assert.match(output, /#[0-9a-f]{6} \d+ %/);
  assert.match(output, /left {8}0 of 6 today/);
  assert.match(output, /searched with woven-cloth\.jpg\n {2}1\. Blue woven upholstery, score/);
  assert.match(output, /2 pictures in a private bucket, analysed as jobs/);
  assert.match(output, /jobs {8}2 analysed, 0 failed, idle/);
  for (const name of ["brick", "brushed-metal"]) {
    assert.match(output, new RegExp(`found {7}by "[^"]+":[^:]*Sample\\s+${name}\\.jpg`));
  }
  const requestId = /request {5}([0-9a-f-]{36})/.exec(output)?.[1];
  assert.ok(requestId);
  assert.match(output, /log {9}visual-search 200/);
  assert.match(output, /log {9}semantic-analysis 200 in \d+ ms, there\s+[0-9a-f-]{36}/);
  assert.match(
    output,
    /One request too many: 429 RATE_LIMITED: Your limit of "?6"? requests per day/,
  );
  assert.match(output, /Retry-After: \d+ s/);
  // No terminal, so lines of 80 columns, whatever COLUMNS says.
  const widths = output.split("\n").map((line) => line.length);
  assert.ok(Math.max(...widths) <= 80 && Math.max(...widths) > 60, String(Math.max(...widths)));
});

Deno.test("the demo passes over what is no picture, says why, and goes on", async () => {
  await using folder = await makePictures();
  const files = [
    "folder",
    "missing.jpg",
    "huge.jpg",
    "phone.heic",
    "new.avif",
    "cut.jpg",
    "text.txt",
  ];
  const { code, output, errors } = await runDemo([...files, "mein höl z.jpg"], folder.path);
  assert.equal(code, 1);
  assert.match(errors, /^7 of 8 pictures could not be analysed$/m);
  const text = output.replace(/\s+/g, " ");
  for (
    const reason of [
      /folder is a folder, name the pictures in it/,
      /missing\.jpg is missing: there is no file ".*missing\.jpg"/,
      /huge\.jpg has 8\.6 MB, and a picture may have 6\.0 MB/,
      /phone\.heic UNSUPPORTED_IMAGE_TYPE: .*HEIC/,
      /new\.avif UNSUPPORTED_IMAGE_TYPE: .*AVIF/,
      /cut\.jpg INVALID_IMAGE: /,
      /text\.txt UNSUPPORTED_IMAGE_TYPE: /,
      /mein höl z\.jpg 43 KB .*Looks most like wood/,
      /429 RATE_LIMITED/,
    ]
  ) assert.match(text, reason);
});

Deno.test("the demo starts nothing, and says why, without a picture", async () => {
  const { code, output, errors } = await runDemo(["no-such-picture.jpg"]);
  assert.equal(code, 1);
  assert.match(output, /no-such-picture\.jpg\n {2}is missing/);
  assert.match(errors, /^1 of 1 pictures could not be analysed$/m);
  assert.ok(!output.includes("signed in"), "something was started");
});

/** A good picture among files that are none. */
async function makePictures() {
  const path = await Deno.makeTempDir();
  const wood = await Deno.readFile(`${projectDirectory}/dev/samples/wood.jpg`);
  const heic = new TextEncoder().encode(`\0\0\0\u0018ftypheic\0\0\0\0mif1heic${"x".repeat(500)}`);
  await Deno.mkdir(`${path}/folder`);
  await Deno.writeFile(`${path}/mein höl z.jpg`, wood);
  await Deno.writeFile(`${path}/cut.jpg`, wood.subarray(0, 20_000));
  await Deno.writeFile(`${path}/huge.jpg`, new Uint8Array(9_000_000));
  await Deno.writeFile(`${path}/phone.heic`, heic);
  await Deno.writeFile(`${path}/new.avif`, await sharp(wood).avif().toBuffer());
  await Deno.writeTextFile(`${path}/text.txt`, "no picture");
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
