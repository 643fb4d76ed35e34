import type { AnalysisResponseBody } from "../../../../supabase/functions/_shared/client/client.ts";
import { toWords } from "../parts/format.ts";
import type { Run } from "./run.ts";

/** The material as a specimen's card. */
export function MaterialCard({ result: { material } }: { result: AnalysisResponseBody; run: Run }) {
  if (!material) return null;
  return (
    <article class="card">
      <h2>{toWords(material.type)}</h2>
    </article>
  );
}
