/** `deno task openapi`: writes docs/openapi.json from the schemas of dev/openapi. */
import { fileURLToPath } from "node:url";
import { buildDocument } from "../openapi/document.ts";

const PATH = fileURLToPath(new URL("../../docs/openapi.json", import.meta.url));

/** The text of the file. */
export function toText(): string {
  return `${JSON.stringify(buildDocument(), null, 2)}\n`;
}

if (import.meta.main) await Deno.writeTextFile(PATH, toText());
