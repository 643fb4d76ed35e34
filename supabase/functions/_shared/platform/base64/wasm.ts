/** The WebAssembly of base64.wat, compiled when it is first needed. */

import { Buffer } from "node:buffer";
import { BASE64_WASM } from "./base64-wasm.ts";

/** Works on what is in its memory: at most `INPUT_BYTES` at the start, and the result behind it. */
export interface Wasm {
  memory: Uint8Array;
  decode(from: number, length: number, to: number): number;
  encode(from: number, length: number, to: number): number;
  find_marker(length: number): number;
}

/** What is worked on at a time, at the start of the memory: small enough to stay in the cache. */
export const INPUT_BYTES = 96 * 1024;

/** The last block is read beyond its end. */
export const MARGIN_BYTES = 16;

let wasm: Wasm | null = null;

/** The one instance of the worker. Its memory is shared: a caller is done with it before it awaits. */
export function useWasm(): Wasm {
  if (wasm === null) {
    const module = new WebAssembly.Module(Buffer.from(BASE64_WASM, "base64"));
    const { memory, ...functions } = new WebAssembly.Instance(module)
      .exports as unknown as Omit<Wasm, "memory"> & { memory: WebAssembly.Memory };
    wasm = { memory: new Uint8Array(memory.buffer), ...functions };
  }
  return wasm;
}
