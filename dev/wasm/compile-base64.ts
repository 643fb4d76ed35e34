/** Compiles the WebAssembly of `_shared/platform/base64` into the module that is checked in. */
import { Buffer } from "node:buffer";
import createWabt from "wabt";
import { projectDirectory } from "../stack/process/project-paths.ts";

const folder = `${projectDirectory}/supabase/functions/_shared/platform/base64`;

/** What is compiled. */
const sourcePath = `${folder}/base64.wat`;

/** What it is compiled into. */
export const modulePath = `${folder}/base64-wasm.ts`;

/** The text of the TypeScript module that holds the compiled bytes. */
export async function compileBase64(): Promise<string> {
  const wabt = await createWabt();
  const parsed = wabt.parseWat("base64.wat", await Deno.readTextFile(sourcePath), {
    simd: true,
    relaxed_simd: true,
  });
  try {
    parsed.resolveNames();
    parsed.validate();
    const base64 = Buffer.from(parsed.toBinary({}).buffer).toString("base64");
    const lines = base64.match(/.{1,92}/g)!.map((line) => `  "${line}"`).join(" +\n");
    return `/** base64.wat, compiled by \`deno task wasm\`; as base64. */\nexport const BASE64_WASM =\n${lines};\n`;
  } finally {
    parsed.destroy();
  }
}
