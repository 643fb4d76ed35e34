/**
 * Strict base64 (RFC 4648 §4: standard alphabet, padded, canonical, no line breaks) of megabytes, as
 * bytes and never as a string: the work is done by base64.wat, compiled when it is first needed.
 */

import { Buffer } from "node:buffer";
import { BASE64_WASM } from "./base64-wasm.ts";

/** Decoded base64, in memory that is used again. */
export interface DecodedBase64 {
  byteLength: number;
  /** The place after the last of its characters. */
  end: number;
  /**
   * The bytes, to be read or copied before anything else is decoded or encoded, so before the next
   * `await`.
   *
   * @throws {TypeError} when it is too late.
   */
  view(): Uint8Array<ArrayBuffer>;
}

interface Wasm {
  memory: WebAssembly.Memory & { buffer: ArrayBuffer };
  decode(from: number, length: number, to: number): number;
  encode(from: number, length: number, to: number): number;
}

/** What is worked on at a time, at the start of the memory: small enough to stay in the cache. */
const INPUT_BYTES = 96 * 1024;

/** Blocks are read and written a little beyond their end. */
const MARGIN_BYTES = 16;

const PAGE_BYTES = 64 * 1024;

const PADDING = 0x3d;

let wasm: Wasm | null = null;
let memory = new Uint8Array();
let useCount = 0;

/**
 * Decodes as much of the text as is base64.
 *
 * @param start Where the base64 begins.
 * @returns null when it stops within a group of four characters, or its last one has bits that mean
 *   nothing and are not 0.
 */
export function decodeBase64(text: Uint8Array, start = 0): DecodedBase64 | null {
  const { decode } = useMemory(INPUT_BYTES + Math.ceil((text.byteLength - start) / 4) * 3);
  let at = start;
  let to = INPUT_BYTES;
  while (true) {
    const input = text.subarray(at, at + INPUT_BYTES);
    memory.set(input);
    const decodedCount = decode(0, input.byteLength, to);
    at += decodedCount;
    to += decodedCount / 4 * 3;
    if (decodedCount < INPUT_BYTES) break;
  }
  while (true) {
    const values = readGroup(text, at);
    if (values.length === 4) {
      to = writeBytes(to, values, 3);
      at += 4;
      continue;
    }
    if (values.length > 0) {
      const byteCount = toPaddedByteCount(text, at, values);
      if (byteCount === null) return null;
      to = writeBytes(to, values, byteCount);
      at += 4;
    }
    break;
  }
  const ownUse = useCount;
  return {
    byteLength: to - INPUT_BYTES,
    end: at,
    view() {
      if (useCount !== ownUse) throw new TypeError("Cannot read decoded bytes: they are gone");
      return memory.subarray(INPUT_BYTES, to);
    },
  };
}

/** Bytes of the base64 of this many bytes. */
export function toBase64Length(byteCount: number): number {
  return Math.ceil(byteCount / 3) * 4;
}

/** @param target Of exactly the base64's length. */
export function encodeBase64(bytes: Uint8Array, target: Uint8Array): void {
  const { encode } = useMemory(INPUT_BYTES + toBase64Length(INPUT_BYTES));
  for (let at = 0, to = 0; at < bytes.byteLength; at += INPUT_BYTES) {
    const input = bytes.subarray(at, at + INPUT_BYTES);
    memory.set(input);
    // The rest of the last block counts as zeros.
    memory.fill(0, input.byteLength, input.byteLength + MARGIN_BYTES);
    encode(0, Math.ceil(input.byteLength / 12) * 12, INPUT_BYTES);
    const length = toBase64Length(input.byteLength);
    target.set(memory.subarray(INPUT_BYTES, INPUT_BYTES + length), to);
    to += length;
  }
  const paddingCount = (3 - bytes.byteLength % 3) % 3;
  target.fill(PADDING, target.byteLength - paddingCount);
}

/** Takes the memory for a new use, with at least so much of it. */
function useMemory(byteCount: number): Wasm {
  wasm ??= new WebAssembly.Instance(
    new WebAssembly.Module(Buffer.from(BASE64_WASM, "base64")),
  ).exports as unknown as Wasm;
  const missingBytes = byteCount + MARGIN_BYTES - wasm.memory.buffer.byteLength;
  if (missingBytes > 0) wasm.memory.grow(Math.ceil(missingBytes / PAGE_BYTES));
  if (memory.buffer !== wasm.memory.buffer) memory = new Uint8Array(wasm.memory.buffer);
  useCount++;
  return wasm;
}

/** The values of up to four characters, up to the first one that is not of the alphabet. */
function readGroup(text: Uint8Array, at: number): number[] {
  const values: number[] = [];
  for (const byte of text.subarray(at, at + 4)) {
    const value = toValue(byte);
    if (value === null) break;
    values.push(value);
  }
  return values;
}

function toValue(byte: number): number | null {
  if (byte >= 0x41 && byte <= 0x5a) return byte - 0x41;
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x61 + 26;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30 + 52;
  if (byte === 0x2b) return 62;
  return byte === 0x2f ? 63 : null;
}

/** The bytes that a padded group stands for: 2 values and "==", or 3 and "=". */
function toPaddedByteCount(text: Uint8Array, at: number, values: number[]): number | null {
  const [isTwo, isThree] = [values.length === 2, values.length === 3];
  if (!isTwo && !isThree) return null;
  if (text[at + 3] !== PADDING || (isTwo && text[at + 2] !== PADDING)) return null;
  // RFC 4648 §3.5: the same picture must not have several encodings.
  const unusedBits = values.at(-1)! & (isTwo ? 0x0f : 0x03);
  return unusedBits === 0 ? values.length - 1 : null;
}

/** @returns the place after them. */
function writeBytes(to: number, [a = 0, b = 0, c = 0, d = 0]: number[], byteCount: number): number {
  const bits = (a << 18) | (b << 12) | (c << 6) | d;
  memory.set([bits >> 16, bits >> 8, bits].slice(0, byteCount), to);
  return to + byteCount;
}
