/** A quote for a choice of materials: by the sizes of its pictures until there is experience with them. */
import type { Quote } from "../../supabase/functions/analyse-catalogue/routes/quote.ts";
import type { PictureSample } from "../../supabase/functions/analyse-catalogue/routes/run-request.ts";
import type { CatalogueProject, MaterialChoice } from "./project.ts";
import { CatalogueError } from "./project-address.ts";

/** What a run would do, and what it would cost. */
export interface Offer {
  quote: Quote;
  sample: PictureSample | null;
  /** Materials that are left out. */
  withoutPicture: number;
  /** Jobs that were enqueued before, of whatever materials: they come first. */
  alreadyEnqueued: number;
}

/** Nothing is changed. @throws {CatalogueError} as the project's calls, or for another prompt than the present */
export async function quoteChoice(
  project: CatalogueProject,
  choice: MaterialChoice,
  signal?: AbortSignal,
): Promise<Offer> {
  const { limit, olderThanPrompt } = choice;
  if (olderThanPrompt !== undefined) await checkPrompt(project, olderThanPrompt);
  const { waiting, running, stranded } = await project.readProgress();
  const { enqueued, without_picture: withoutPicture } = await project.enqueue(choice, {
    isDry: true,
  });
  const others = { withoutPicture, alreadyEnqueued: waiting + running + stranded };
  const asked = { moreJobs: enqueued, ...(limit && { limit }) };
  const quote = await project.quote(asked);
  // Looking at pictures takes a while, and experience says more.
  if (quote.jobs === 0 || quote.basis === "experience") {
    return { ...others, quote, sample: null };
  }
  const sample = await project.measurePictures(choice, signal);
  return { ...others, quote: await project.quote({ ...asked, sample }), sample };
}

/** No analysis would ever be by another prompt: each run would have all of them paid for again. */
async function checkPrompt(project: CatalogueProject, wanted: string): Promise<void> {
  const present = await project.readPromptVersion();
  if (wanted === present) return;
  throw new CatalogueError(`--only is "prompt=${wanted}", but the present prompt is "${present}"`);
}
