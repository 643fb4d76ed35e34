import assert from "node:assert/strict";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  type FormPart,
  parseMultipart,
} from "../../../../../supabase/functions/_shared/platform/body/multipart.ts";
import { assertRefused } from "../../../../support/api-errors.ts";
import fc from "../../../../support/fast-check.ts";
import { joinBytes } from "../../../../support/pictures.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const TYPE = "multipart/form-data; boundary=b";

const parse = (body: string, type = TYPE) => parseMultipart(encode(body), type);

/** What the platform makes of a form. */
async function serialise(form: FormData): Promise<[Uint8Array<ArrayBuffer>, string]> {
  const request = new Request("https://example.com/", { method: "POST", body: form });
  const type = request.headers.get("content-type")!;
  return [new Uint8Array(await request.arrayBuffer()), type];
}

const toEntry = ({ name, isFile, mediaType, bytes }: FormPart) => ({
  name,
  isFile,
  mediaType,
  bytes: [...bytes],
});

Deno.test("parseMultipart() reads what FormData writes", async () => {
  const form = new FormData();
  form.append("text", "köln 🧱\r\nsecond line");
  form.append("empty", "");
  form.append(
    "image",
    new File([new Uint8Array([0, 13, 10, 255])], "a.png", { type: "image/png" }),
  );
  form.append('odd "name"\r\n', new Blob(["x"]));
  const entries = parseMultipart(...await serialise(form)).map(toEntry);
  const text = { isFile: false, mediaType: "" };
  assert.deepEqual(entries, [
    { ...text, name: "text", bytes: [...encode("köln 🧱\r\nsecond line")] },
    { ...text, name: "empty", bytes: [] },
    { name: "image", isFile: true, mediaType: "image/png", bytes: [0, 13, 10, 255] },
    {
      name: 'odd "name"\r\n',
      isFile: true,
      mediaType: "application/octet-stream",
      bytes: [...encode("x")],
    },
  ]);
});

Deno.test("parseMultipart() gives back any bytes under any names, as views of the body", async () => {
  const part = fc.record({
    name: fc.string({ minLength: 1 }),
    // Line breaks and dashes, of which delimiters are made.
    bytes: fc.uint8Array({ maxLength: 200 }).map((bytes) => bytes.map((byte) => byte % 64)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
      const form = new FormData();
      for (const { name, bytes } of parts) form.append(name, new Blob([bytes]));
      const [body, type] = await serialise(form);
      const read = parseMultipart(body, type);
      // Names are escaped by FormData, where percent signs are not.
      const names = [...form.keys()].map((name) => name.replace(/\r\n|\r|\n/g, "\r\n"));
      assert.deepEqual(read.map(({ bytes }) => [...bytes]), parts.map(({ bytes }) => [...bytes]));
      for (const [index, { name, bytes }] of read.entries()) {
        if (!/[%\\]/.test(names[index]!)) assert.equal(name, names[index]);
        assert.equal(bytes.buffer, body.buffer);
      }
    }),
  );
});

Deno.test("parseMultipart() finds a delimiter after any bytes, however alike they look", () => {
  const alike = fc.array(
    fc.constantFrom("\r", "\n", "-", "--", "b", "\r\n--", "\r\n-", "bb", "x"),
    {
      maxLength: 60,
    },
  ).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(alike, fc.constantFrom("bbb", "b-b", "--b", "bxbxb"), (content, boundary) => {
      fc.pre(!`\r\n${content}`.includes(`\r\n--${boundary}`));
      const body = `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n` +
        `${content}\r\n--${boundary}--\r\n`;
      const [part, ...more] = parse(body, `multipart/form-data; boundary=${boundary}`);
      assert.equal(decode(part!.bytes), content);
      assert.deepEqual(more, []);
    }),
    { numRuns: 2_000 },
  );
});

const FIELD = 'Content-Disposition: form-data; name="a"\r\n\r\nx';

Deno.test("parseMultipart() takes a part for a file by its filename, and no name out of one", () => {
  for (
    const parameters of [
      `name="a"; filename="x"`,
      `name="a"; filename*=UTF-8''x`,
      `filename="x; name=b"; name="a"`,
      `name="a"; filename="\\"; name=b"`,
    ]
  ) {
    const header = `Content-Disposition: form-data; ${parameters}`;
    const [part] = parse(`--b\r\n${header}\r\n\r\nx\r\n--b--`);
    assert.deepEqual(toEntry(part!), { name: "a", isFile: true, mediaType: "", bytes: [120] });
  }
});

Deno.test("parseMultipart() takes a preamble, an epilogue and blanks after a delimiter", () => {
  for (
    const body of [
      `--b\r\n${FIELD}\r\n--b--`,
      `preamble\r\n--b\r\n${FIELD}\r\n--b--\r\nepilogue\r\n--b`,
      `\r\n--b \t\r\n${FIELD}\r\n--b--`,
      `--b\r\nX-Other: 1\r\ncontent-disposition:form-data;name=a\r\n\r\nx\r\n--b--`,
      `--b\r\nContent-Disposition: form-data; NAME = "a"\r\n\r\nx\r\n--b--`,
    ]
  ) {
    const [part, ...more] = parse(body);
    assert.deepEqual(toEntry(part!), { name: "a", isFile: false, mediaType: "", bytes: [120] });
    assert.deepEqual(more, []);
  }
});

Deno.test("parseMultipart() reads a form without fields", () => {
  assert.deepEqual(parse("--b--\r\n"), []);
});

Deno.test("parseMultipart() reads a boundary in quotes and with other parameters", () => {
  for (
    const type of [
      'multipart/form-data; boundary="b"',
      "multipart/form-data;charset=utf-8;BOUNDARY=b",
      "multipart/form-data; boundary=b; charset=utf-8",
    ]
  ) assert.equal(parse(`--b\r\n${FIELD}\r\n--b--`, type).length, 1);
});

Deno.test("parseMultipart() refuses a Content-Type without a usable boundary", () => {
  for (
    const type of [
      "multipart/form-data",
      "multipart/form-data; boundary=",
      'multipart/form-data; boundary=""',
      'multipart/form-data; boundary="b',
      'multipart/form-data; boundary="b "',
      `multipart/form-data; boundary=${"b".repeat(71)}`,
      'multipart/form-data; boundary="ö"',
    ]
  ) {
    const run = () => parse(`--b\r\n${FIELD}\r\n--b--`, type);
    assert.match(assertRefused(run, "INVALID_REQUEST").message, /boundary/, type);
  }
});

Deno.test("parseMultipart() refuses a form wherever it is cut off", () => {
  const whole = `--b\r\n${FIELD}\r\n--b\r\n${FIELD}\r\n--b--`;
  for (let length = 0; length < whole.length; length++) {
    assertRefused(() => parse(whole.slice(0, length)), "INVALID_REQUEST");
  }
});

const MALFORMED: Record<string, string> = {
  "nothing in it": "",
  "another boundary": `--c\r\n${FIELD}\r\n--c--`,
  "a field without headers": "--b\r\n\r\nx\r\n--b--",
  "a field without a name": "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
  "an attachment": '--b\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n--b--',
  "headers that don't end": `--b\r\nX: ${"x".repeat(10_000)}\r\n${FIELD}\r\n--b--`,
  "a delimiter with something behind it": `--bc\r\n${FIELD}\r\n--b--`,
  "a transfer encoding": `--b\r\nContent-Transfer-Encoding: base64\r\n${FIELD}\r\n--b--`,
  "more fields than any form has": `--b\r\n${FIELD}\r\n`.repeat(65) + "--b--",
};

for (const [fault, body] of Object.entries(MALFORMED)) {
  Deno.test(`parseMultipart() refuses a form with ${fault}`, () => {
    assertRefused(() => parse(body), "INVALID_REQUEST");
  });
}

Deno.test("parseMultipart() throws nothing but an ApiError, whatever the bytes", () => {
  const piece = fc.oneof(
    fc.constantFrom("--b", "--b\r\n", "--b--", "\r\n", FIELD, 'name="', "filename=", ":", ";"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), fc.uint8Array(), (pieces, bytes) => {
      try {
        parseMultipart(joinBytes(encode(pieces.join("")), bytes) as Uint8Array<ArrayBuffer>, TYPE);
      } catch (error) {
        assert.ok(error instanceof ApiError, String(error));
      }
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("parseMultipart() wants a whole line break behind a delimiter", () => {
  const rest = 'Content-Disposition: form-data; name="a"\r\n\r\nv\r\n--b--';
  for (const lineBreak of ["\r\n", " \t\r\n"]) {
    assert.equal(parse(`--b${lineBreak}${rest}`).length, 1);
  }
  for (const lineBreak of ["", "\r", "\n", "\rx", "x\n"]) {
    const { message } = assertRefused(() => parse(`--b${lineBreak}${rest}`), "INVALID_REQUEST");
    assert.match(message, /a delimiter has no line break/);
  }
});
