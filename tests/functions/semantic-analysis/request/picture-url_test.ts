import assert from "node:assert/strict";
import { isIP } from "node:net";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { parsePictureUrl } from "../../../../supabase/functions/semantic-analysis/request/picture-url.ts";
import { assertRefused } from "../../../support/api-errors.ts";
import fc from "../../../support/fast-check.ts";

const TAKEN: Record<string, [text: string, url: string]> = {
  "an ordinary address": ["https://example.com/a.jpg", "https://example.com/a.jpg"],
  "a query": ["https://example.com/a?size=2&x=%20", "https://example.com/a?size=2&x=%20"],
  "a fragment, which is dropped": ["https://example.com/a.jpg#secret", "https://example.com/a.jpg"],
  "an explicit port 443": ["https://example.com:443/a.jpg", "https://example.com/a.jpg"],
  "an upper case scheme and host": ["HTTPS://EXAMPLE.com/A.jpg", "https://example.com/A.jpg"],
  "a host in Unicode": [
    "https://münchen.example.org/ä",
    "https://xn--mnchen-3ya.example.org/%C3%A4",
  ],
  "a trailing dot": ["https://example.com./a.jpg", "https://example.com./a.jpg"],
  "digits in a name": ["https://1.2.3.4.example.com/", "https://1.2.3.4.example.com/"],
  "a name that only contains a local one": [
    "https://localhost.example.com/",
    "https://localhost.example.com/",
  ],
  "a name that only ends like a local one": [
    "https://notlocal.example-internal.com/",
    "https://notlocal.example-internal.com/",
  ],
};

for (const [what, [text, url]] of Object.entries(TAKEN)) {
  Deno.test(`parsePictureUrl() takes ${what}`, () => {
    assert.equal(parsePictureUrl(text), url);
  });
}

const REFUSED: Record<string, [problem: RegExp, ...texts: string[]]> = {
  "another scheme than https": [
    /must use https/,
    "http://example.com/a.jpg",
    "ftp://example.com/a.jpg",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "blob:https://example.com/1",
  ],
  "credentials": [
    /credentials/,
    "https://user:password@example.com/",
    "https://user@example.com/",
    "https://:password@example.com/",
    "https://example.com@evil.example.org/",
  ],
  "an odd port": [/port/, "https://example.com:8443/", "https://example.com:80/"],
  "an IPv4 address": [/public host/, "https://127.0.0.1/", "https://8.8.8.8/", "https://8.8.8.8./"],
  "an IPv4 address as one number": [/public host/, "https://2130706433/", "https://134744072/"],
  "an IPv4 address in octal": [/public host/, "https://0177.0.0.1/", "https://017700000001/"],
  "an IPv4 address in hexadecimal": [
    /public host/,
    "https://0x7f.0.0.1/",
    "https://0x7f000001/",
    "https://0xA9.0xFE.0xA9.0xFE/",
  ],
  "an IPv4 address with parts left out": [/public host/, "https://127.1/", "https://10.1/"],
  "an IPv4 address in other digits": [
    /public host/,
    "https://①②⑦.0.0.1/",
    "https://１２７．０．０．１/",
    "https://127。0。0。1/",
    "https://%31%32%37.0.0.1/",
  ],
  "an IPv6 address": [
    /public host/,
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[2001:4860:4860::8888]/",
  ],
  "localhost": [
    /public host/,
    "https://localhost/",
    "https://LOCALHOST./",
    "https://a.localhost/",
  ],
  "a host without a dot": [/public host/, "https://kong/", "https://metadata/", "https://kong./"],
  "a local name": [
    /public host/,
    "https://printer.local/",
    "https://PRINTER.LOCAL./",
    "https://metadata.google.internal/",
    "https://router.home.arpa/",
    "https://home.arpa/",
    "https://a.test/",
    "https://a.invalid/",
    "https://printer。local/",
  ],
  "an empty label in the host": [
    /public host/,
    "https://127.0.0.1../",
    "https://printer.local../",
    "https://.com/",
    "https://example..com/",
  ],
  "what is no URL": [
    /must be base64, a data: URI or an https URL/,
    "https://",
    "https:// example.com/",
    "https://1.2.3.4.5/",
    "https://exa mple.com/",
    "https://example.com:99999/",
  ],
  "more than 2,048 characters": [
    /at most 2048 characters/,
    `https://example.com/${"a".repeat(10_000 - 20)}`,
    `https://example.com/${"a".repeat(2_049 - 20)}`,
  ],
};

for (const [what, [problem, ...texts]] of Object.entries(REFUSED)) {
  Deno.test(`parsePictureUrl() refuses ${what}`, () => {
    for (const text of texts) {
      const error = assertRefused(() => parsePictureUrl(text), "INVALID_REQUEST");
      assert.match(String(error.details?.["image_data"]), problem, text);
      assert.match(error.message, problem);
    }
  });
}

Deno.test("parsePictureUrl() takes exactly 2,048 characters", () => {
  const text = `https://example.com/${"a".repeat(2_048 - 20)}`;
  assert.equal(text.length, 2_048);
  assert.equal(parsePictureUrl(text), text);
});

Deno.test("parsePictureUrl() repeats nothing of what it refuses", () => {
  const error = assertRefused(
    () => parsePictureUrl("https://user:hunter2@example.com/private?token=abc"),
    "INVALID_REQUEST",
  );
  assert.doesNotMatch(JSON.stringify([error.message, error.details]), /hunter2|private|abc/);
});

Deno.test("parsePictureUrl() takes nothing whose host is an address or has no public name", () => {
  const part = fc.oneof(
    fc.nat(300).map(String),
    fc.nat(255).map((number) => `0x${number.toString(16)}`),
    fc.nat(255).map((number) => `0${number.toString(8)}`),
    fc.nat(0xffff_ffff).map(String),
    fc.constantFrom("", "a", "localhost", "local", "internal", "home", "arpa", "com", "%31", "①"),
  );
  const separator = fc.constantFrom(".", ".", ".", "。", "．");
  const host = fc.oneof(
    fc.tuple(fc.array(fc.tuple(part, separator), { maxLength: 4 }), part)
      .map(([parts, last]) => parts.flat().join("") + last),
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6().map((address) => `[${address}]`),
    fc.domain(),
  );
  const end = fc.constantFrom("", "/", "./", "../", ":443/", "/a.jpg", "?a", "#a", "\\@b.com");
  let takenCount = 0;
  fc.assert(
    fc.property(host, end, (host, end) => {
      let url: string;
      try {
        url = parsePictureUrl(`https://${host}${end}`);
      } catch (error) {
        assert.ok(error instanceof ApiError);
        return;
      }
      takenCount++;
      const { protocol, hostname, port, username, password, hash } = new URL(url);
      const labels = hostname.replace(/\.$/, "").split(".");
      assert.equal(protocol, "https:");
      assert.equal(port + username + password + hash, "");
      assert.ok(labels.length >= 2 && labels.every((label) => label !== ""), hostname);
      assert.equal(isIP(labels.join(".")), 0, hostname);
      assert.ok(!hostname.startsWith("["), hostname);
      assert.doesNotMatch(labels.at(-1)!, /^(localhost|local|internal|\d+|0x[\da-f]*)$/, hostname);
      assert.equal(parsePictureUrl(url), url);
    }),
    { numRuns: 5_000 },
  );
  assert.ok(takenCount > 100, `only "${takenCount}" were taken`);
});

Deno.test("parsePictureUrl() throws nothing but an ApiError, whatever the text", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.webUrl({ withFragments: true }));
  fc.assert(fc.property(text, (text) => {
    try {
      assert.match(parsePictureUrl(text), /^https:\/\/[^#]+$/);
    } catch (error) {
      assert.ok(error instanceof ApiError, String(error));
    }
  }));
});
