/** What the provider gets of a phone's picture, in every form and on both levels of Deno. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import sharp from "sharp";
import { findHostedDeno, HOSTED_VERSION } from "../../dev/stack/functions/hosted-deno.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { startSecondWorker } from "../support/second-worker.ts";
import { signUp } from "./project.ts";

const ANSWER = JSON.stringify({
  choices: [{ index: 0, finish_reason: "stop", message: { content: "Oak, oiled." } }],
  usage: { prompt_tokens: 1_700, completion_tokens: 12, total_tokens: 1_712 },
});

/** A picture of some megabytes with a position, a name and a film behind it. */
async function takePicture(): Promise<Buffer> {
  const jpeg = await sharp({
    create: {
      width: 1_600,
      height: 1_200,
      channels: 3,
      background: "#808080",
      noise: { type: "gaussian", mean: 128, sigma: 60 },
    },
  }).withMetadata({
    orientation: 6,
    exif: {
      IFD0: { Copyright: "SECRET" },
      IFD3: { GPSLatitudeRef: "N", GPSLatitude: "48/1 8/1 0/1" },
    },
  }).jpeg({ quality: 95 }).toBuffer();
  return Buffer.concat([jpeg, Buffer.from("\0\0\0\x18ftypmp42 SECRET +48.1370+011.5750/")]);
}

for (
  const [version, denoBinary] of [[Deno.version.deno, Deno.execPath()], [
    HOSTED_VERSION,
    await findHostedDeno(),
  ]] as const
) {
  Deno.test(`on Deno ${version} the provider gets a picture's pixels, and nothing of its metadata`, async () => {
    const picture = await takePicture();
    assert.ok(picture.byteLength > 1_000_000);
    const received: Buffer[] = [];
    await using upstream = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        const { messages } = await request.json();
        const { url } = messages.at(-1).content.at(-1).image_url;
        assert.ok(url.startsWith("data:image/jpeg;base64,"));
        received.push(Buffer.from(url.slice(url.indexOf(",") + 1), "base64"));
        return new Response(ANSWER, { headers: { "Content-Type": "application/json" } });
      },
    );
    await using stack = await startTestStack();
    await using worker = await startSecondWorker(stack, {
      TOGETHER_BASE_URL: `http://127.0.0.1:${upstream.addr.port}/v1`,
    }, { denoBinary });
    const { token } = await signUp(stack);
    const form = new FormData();
    form.append("image", new Blob([new Uint8Array(picture)], { type: "image/jpeg" }));
    form.append("analysis_type", "general_description");
    form.append("options", '{"cache":"off"}');
    const base64 = picture.toString("base64");
    const json = (image_data: string) =>
      JSON.stringify({
        prompt: "Which wood? Ποιο ξύλο;",
        image_data,
        options: { cache: "off", temperature: 0 },
      });
    const bodies: [BodyInit, Record<string, string>, string][] = [
      [json(base64), { "Content-Type": "application/json" }, ""],
      [json(`data:image/jpeg;base64,${base64}`), { "Content-Type": "application/json" }, ""],
      [json(base64.replace(/.{76}/g, "$&\r\n")), { "Content-Type": "application/json" }, ""],
      [json(base64).replaceAll("/", "\\/"), { "Content-Type": "application/json" }, ""],
      [form, {}, ""],
      [
        new Uint8Array(picture),
        { "Content-Type": "image/jpeg" },
        "?cache=off&analysis_type=general_description",
      ],
    ];
    for (const [body, headers, query] of bodies) {
      const response = await fetch(`${worker.url}${query}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, ...headers },
        body,
      });
      assert.equal(response.status, 200, await response.text());
    }
    const [first, ...others] = received;
    for (const other of others) assert.ok(other.equals(first!));
    assert.ok(received.length >= bodies.length);
    assert.equal(first!.byteLength, picture.byteLength);
    assert.ok(!first!.includes("SECRET") && !first!.includes("ftyp"));
    const { orientation } = await sharp(first).metadata();
    assert.equal(orientation, 6);
    const pixelsOf = (bytes: Buffer) => sharp(bytes).raw().toBuffer();
    assert.ok((await pixelsOf(first!)).equals(await pixelsOf(picture)));
  });
}
