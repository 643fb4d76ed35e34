import {
  type analysePicture,
  type AnalysePictureOptions,
  type FunctionsClient,
} from "../../_shared/client/analyse-picture.ts";
import type { AnalysisResponseBody, StoredImage } from "../../_shared/client/contract.ts";
import type { Job } from "./jobs.ts";

/** How a job's picture is given to semantic-analysis. */
export interface AnalyseJobOptions {
  /** With a project secret. */
  client: FunctionsClient;
  analyse: typeof analysePicture;
  timeoutMs: number;
  requestId: string;
}

/** Whose limits the catalogue's own jobs use. */
export const SERVICE_NAME = "catalogue";

/** An analysis takes no longer, whatever time is left. */
const MAX_ANALYSIS_MS = 66_000;

/**
 * Has semantic-analysis look at a job's picture: as the catalogue, or in the name of the user whose job it
 * is, against that user's limits and with that user's right to the picture.
 *
 * @throws {SemanticAnalysisError}
 */
export async function analyseJob(
  { source, ownerId }: Job,
  { client, analyse, timeoutMs, requestId }: AnalyseJobOptions,
): Promise<AnalysisResponseBody> {
  const stored = toStoredImage(source);
  const account: AnalysePictureOptions = ownerId === null
    ? { serviceName: SERVICE_NAME }
    : { userId: ownerId };
  return await analyse(client, {
    ...(stored ? { image: stored } : { image_data: source }),
    analysis_type: "material_identification",
  }, { ...account, timeoutMs: Math.min(timeoutMs, MAX_ANALYSIS_MS), requestId });
}

/** `storage://<bucket>/<path>`, nothing of it encoded. */
function toStoredImage(source: string): StoredImage | null {
  const [, bucket, path] = /^storage:\/\/([^/]+)\/(.+)$/s.exec(source) ?? [];
  return bucket && path ? { bucket, path } : null;
}
