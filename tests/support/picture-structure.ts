/** What the readers of formats tell of bytes that a test has put together. */
import assert from "node:assert/strict";
import type {
  PictureStructure,
  StructureProblem,
} from "../../supabase/functions/semantic-analysis/request/formats/structure.ts";

/** As `width × height`, or the problem. */
export function describeSize(structure: PictureStructure | StructureProblem): string {
  return typeof structure === "string" ? structure : `${structure.width} × ${structure.height}`;
}

/** What is left of a picture when what its structure says is blanked. */
export function blankBytes(bytes: Uint8Array, structure: PictureStructure | StructureProblem) {
  assert.ok(typeof structure === "object");
  const blanked = bytes.slice();
  for (const { start, end, head } of structure.blanks) {
    assert.ok(start <= end && (head?.byteLength ?? 0) <= end - start);
    blanked.fill(0, start, end);
    blanked.set(head ?? [], start);
  }
  return blanked;
}
