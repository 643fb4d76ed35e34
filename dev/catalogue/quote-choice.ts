/** A quote for a choice of materials: by the sizes of its pictures until there is experience with them. */
import type { Quote } from "../../supabase/functions/analyse-catalogue/routes/quote.ts";
import type { PictureSample } from "../../supabase/functions/analyse-catalogue/routes/run-request.ts";
import type { CatalogueProject, MaterialChoice } from "./project.ts";

/** Nothing is changed. @throws {CatalogueError} as the project's calls */
export async function quoteChoice(
  project: CatalogueProject,
  choice: MaterialChoice,
  signal?: AbortSignal,
): Promise<{ quote: Quote; sample: PictureSample | null; withoutPicture: number }> {
  const { limit } = choice;
  const { enqueued, without_picture: withoutPicture } = await project.enqueue(choice, {
    isDry: true,
  });
  const asked = { moreJobs: enqueued, ...(limit && { limit }) };
  const quote = await project.quote(asked);
  // Looking at pictures takes a while, and experience says more.
  if (quote.jobs === 0 || quote.basis === "experience") {
    return { quote, sample: null, withoutPicture };
  }
  const sample = await project.measurePictures(choice, signal);
  return { quote: await project.quote({ ...asked, sample }), sample, withoutPicture };
}
