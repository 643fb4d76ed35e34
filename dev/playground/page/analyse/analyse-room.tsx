import { useEffect } from "preact/hooks";
import { Answer } from "./answer.tsx";
import { PicturePicker } from "./picture-picker.tsx";
import { PictureView } from "./picture-view.tsx";
import { analyse, run } from "./run.ts";

/** A picture on the one side, what it is on the other. */
export function AnalyseRoom() {
  useEffect(() => {
    const take = (event: ClipboardEvent) => {
      const [file] = event.clipboardData?.files ?? [];
      if (file) void analyse(file);
    };
    addEventListener("paste", take);
    return () => removeEventListener("paste", take);
  }, []);
  return (
    <div class={`analyse ${run.value ? "has-run" : ""}`}>
      <section class="analyse-picture" aria-label="Picture">
        {!run.value && (
          <>
            <h1 class="display">What is it made of?</h1>
            <p class="lead">
              Give it a picture of a material: wood, stone, textile, metal. It comes back as a
              description, as properties, and with an honest confidence.
            </p>
          </>
        )}
        {run.value && <PictureView run={run.value} />}
        <PicturePicker isCompact={run.value !== null} />
      </section>
      {run.value && <Answer run={run.value} />}
    </div>
  );
}
