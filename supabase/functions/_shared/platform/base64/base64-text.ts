/**
 * The base64 of a picture on its way into the body of a request. It lies in memory with room around
 * it, so that the rest of the body can be written beside it and megabytes need no copy.
 */

import { encodeBase64, toBase64Length } from "./base64.ts";

/** Base64 that becomes a part of something longer. */
export interface Base64Text {
  /** Characters. */
  readonly length: number;
  /** The characters. */
  bytes(): Uint8Array<ArrayBuffer>;
  /**
   * The base64 with something before and behind it, which stays as it is until the next call and no
   * longer.
   */
  between(before: Uint8Array, after: Uint8Array): Uint8Array<ArrayBuffer>;
  /**
   * Gives the memory to the next picture; whoever forgets leaves it to the garbage collector. From then
   * on `bytes` and `between` throw, and what they gave may change.
   */
  release(): void;
}

/** For the prompts, which come before a picture: their longest in any alphabet. What is longer is copied. */
const ROOM_BEFORE_BYTES = 32 * 1024;

const ROOM_AFTER_BYTES = 1024;

/**
 * The largest memory that was released. New memory would have to be zeroed, and where megabytes come and
 * go with each request, V8 takes them for a reason to look through all of its heap each time.
 */
let spare: Uint8Array<ArrayBuffer> | null = null;

/** Encodes bytes, which are not needed any longer. */
export function encodeBase64Text(bytes: Uint8Array): Base64Text {
  const room = createRoom(toBase64Length(bytes.byteLength));
  encodeBase64(bytes, room.text);
  return room.toBase64Text();
}

/** Memory for a text that is yet to be written, and checked. */
export interface Room {
  text: Uint8Array<ArrayBuffer>;
  /** @param length Characters, counted from the beginning. Default all of the text. */
  toBase64Text(length?: number): Base64Text;
}

/** Makes room for a text of at most so many bytes and for what will be around it. */
export function createRoom(byteCount: number): Room {
  const memory = takeMemory(ROOM_BEFORE_BYTES + byteCount + ROOM_AFTER_BYTES);
  return {
    text: memory.subarray(ROOM_BEFORE_BYTES, ROOM_BEFORE_BYTES + byteCount),
    toBase64Text: (length = byteCount) => toBase64Text(memory, length),
  };
}

function takeMemory(byteCount: number): Uint8Array<ArrayBuffer> {
  if (spare === null || spare.byteLength < byteCount) return new Uint8Array(byteCount);
  const memory = spare;
  spare = null;
  return memory;
}

function giveMemory(memory: Uint8Array<ArrayBuffer>): void {
  const [larger, smaller] = spare !== null && spare.byteLength > memory.byteLength
    ? [spare, memory]
    : [memory, spare];
  spare = larger;
  // Freed at once, as `discard` of a body is.
  smaller?.buffer.transfer(0);
}

function toBase64Text(own: Uint8Array<ArrayBuffer>, length: number): Base64Text {
  const end = ROOM_BEFORE_BYTES + length;
  let memory: Uint8Array<ArrayBuffer> | null = own;
  const requireMemory = () => {
    if (memory === null) throw new TypeError("Cannot read the base64: its memory was released");
    return memory;
  };
  const bytes = () => requireMemory().subarray(ROOM_BEFORE_BYTES, end);
  return {
    length,
    bytes,
    between(before, after) {
      const whole = requireMemory();
      const start = ROOM_BEFORE_BYTES - before.byteLength;
      if (start < 0 || end + after.byteLength > whole.byteLength) {
        return concatenate(before, bytes(), after);
      }
      whole.set(before, start);
      whole.set(after, end);
      return whole.subarray(start, end + after.byteLength);
    },
    release() {
      if (memory !== null) giveMemory(memory);
      memory = null;
    },
  };
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
