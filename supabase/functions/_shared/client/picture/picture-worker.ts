/** Runs in the worker that `preparePicture` starts: one picture, one answer. */

import { type RenderedPicture, type RenderLimits, renderPicture } from "./render-picture.ts";

export { renderPicture };

/** What the page asks. */
export interface WorkerRequest {
  blob: Blob;
  limits: RenderLimits;
}

/** What the worker answers: the picture, or why there is none. */
export type WorkerAnswer = { rendered: RenderedPicture } | { problem: string };

/** Renders what the page sends; called once, in a worker. */
export function answerRequests(): void {
  const scope = globalThis as unknown as {
    onmessage: (event: { data: WorkerRequest }) => void;
    postMessage(answer: WorkerAnswer): void;
  };
  scope.onmessage = ({ data: { blob, limits } }) => {
    renderPicture(blob, limits).then(
      (rendered) => scope.postMessage({ rendered }),
      (error) => scope.postMessage({ problem: String(error) }),
    );
  };
}
