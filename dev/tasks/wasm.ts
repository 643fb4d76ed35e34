/** `deno task wasm`: compiles the WebAssembly anew after a change of its source. */
import { runTask, type Task } from "../run-task.ts";
import { compileBase64, modulePath } from "../wasm/compile-base64.ts";

/** `deno task wasm`. */
export const task: Task<Record<never, never>> = {
  name: "wasm",
  usage: "\n\nCompiles base64.wat into base64-wasm.ts.",
  async run() {
    await Deno.writeTextFile(modulePath, await compileBase64());
    return 0;
  },
};

if (import.meta.main) Deno.exit(await runTask(task));
