/** Pictures that are dropped on the page or pasted into it, wherever on it that is. */
import { signal } from "@preact/signals";

/** Whether a file is held over the page. */
export const isDragging = signal(false);

/**
 * Hands on each picture that is dropped or pasted.
 *
 * @returns what ends it
 */
export function listenForPictures(take: (picture: File) => void): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  addEventListener("paste", ({ clipboardData }) => {
    const [file] = clipboardData?.files ?? [];
    if (file) take(file);
  }, { signal });
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    isDragging.value = true;
  }, { signal });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) isDragging.value = false;
  }, { signal });
  addEventListener("drop", (event) => {
    event.preventDefault();
    isDragging.value = false;
    const [file] = event.dataTransfer?.files ?? [];
    if (file) take(file);
  }, { signal });
  return () => controller.abort();
}
