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
}

/** For the prompts, which come before a picture: their longest in any alphabet. What is longer is copied. */
const ROOM_BEFORE_BYTES = 32 * 1024;

const ROOM_AFTER_BYTES = 1024;

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
  const memory = new Uint8Array(ROOM_BEFORE_BYTES + byteCount + ROOM_AFTER_BYTES);
  return {
    text: memory.subarray(ROOM_BEFORE_BYTES, ROOM_BEFORE_BYTES + byteCount),
    toBase64Text: (length = byteCount) => toBase64Text(memory, length),
  };
}

function toBase64Text(memory: Uint8Array<ArrayBuffer>, length: number): Base64Text {
  const end = ROOM_BEFORE_BYTES + length;
  const bytes = () => memory.subarray(ROOM_BEFORE_BYTES, end);
  return {
    length,
    bytes,
    between(before, after) {
      const start = ROOM_BEFORE_BYTES - before.byteLength;
      if (start < 0 || end + after.byteLength > memory.byteLength) {
        return concatenate(before, bytes(), after);
      }
      memory.set(before, start);
      memory.set(after, end);
      return memory.subarray(start, end + after.byteLength);
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
