/** `deno task wasm`: compiles the WebAssembly anew after a change of its source. */
import { compileBase64, modulePath } from "../wasm/compile-base64.ts";

await Deno.writeTextFile(modulePath, await compileBase64());
