/**
 * The base64 of a picture on its way into the body of a request to the provider. It lies in memory with
 * free memory around it, so that the rest of that body can be written beside it and megabytes need no
 * copy.
 */

import { encodeBase64, toBase64Length } from "./base64.ts";

/** Base64 that becomes a part of something longer. */
export interface Base64Buffer {
  /** Characters. */
  readonly length: number;
  /** The characters. */
  bytes(): Uint8Array<ArrayBuffer>;
  /**
   * The base64 with something before and behind it, which stays as it is until the next call and no
   * longer. What doesn't fit into the free memory around it takes a copy.
   */
  between(before: Uint8Array, after: Uint8Array): Uint8Array<ArrayBuffer>;
}

/**
 * Free memory around base64, for what is sent before and behind a picture: the prompts come before it, with
 * up to 4,000 characters of any alphabet. What is longer takes a copy.
 */
const FREE_BYTES = { before: 32 * 1024, after: 1024 };

/** Takes base64 where it lies. What is around it in its memory is free to be overwritten. */
export function createBase64Buffer(base64: Uint8Array<ArrayBuffer>): Base64Buffer {
  const whole = new Uint8Array(base64.buffer);
  const [start, end] = [base64.byteOffset, base64.byteOffset + base64.byteLength];
  return {
    length: base64.byteLength,
    bytes: () => base64,
    between(before, after) {
      const from = start - before.byteLength;
      if (from < 0 || end + after.byteLength > whole.byteLength) {
        return concatenate(before, base64, after);
      }
      whole.set(before, from);
      whole.set(after, end);
      return whole.subarray(from, end + after.byteLength);
    },
  };
}

/** Memory for so many characters, with free memory around them. */
export function createBase64Memory(length: number): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array(FREE_BYTES.before + length + FREE_BYTES.after);
  return memory.subarray(FREE_BYTES.before, FREE_BYTES.before + length);
}

/** Encodes bytes. */
export function encodeBase64Buffer(bytes: Uint8Array): Base64Buffer {
  const memory = createBase64Memory(toBase64Length(bytes.byteLength));
  encodeBase64(bytes, memory);
  return createBase64Buffer(memory);
}

function concatenate(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
