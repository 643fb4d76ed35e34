import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { settings } from "../project/settings.ts";
import { analyse } from "./run.ts";

/** Takes a picture that is dropped, picked or one of the samples. */
export function PicturePicker({ isCompact }: { isCompact: boolean }) {
  const isOver = useSignal(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      isOver.value = true;
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      isOver.value = false;
      const [file] = event.dataTransfer?.files ?? [];
      if (file) void analyse(file);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  const take = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    const [file] = input.files ?? [];
    if (file) void analyse(file);
    input.value = "";
  };
  return (
    <div class={`picker ${isCompact ? "is-compact" : ""} ${isOver.value ? "is-over" : ""}`}>
      {!isCompact && <p class="picker-hint">Drop a picture here, paste one, or</p>}
      <div class="row">
        <label class="button is-primary file">
          {isCompact ? "Another picture" : "Choose a picture"}
          <input type="file" accept="image/*" onChange={take} />
        </label>
        <label class="button file">
          Take one
          <input type="file" accept="image/*" capture="environment" onChange={take} />
        </label>
      </div>
      {settings.samples && <Samples />}
    </div>
  );
}

function Samples() {
  const open = async (path: string) => {
    const response = await fetch(path);
    const blob = await response.blob();
    await analyse(new File([blob], path.split("/").at(-1)!, { type: blob.type }));
  };
  return (
    <div class="samples">
      <h2 class="overline">Or try a sample</h2>
      <ul>
        {settings.samples!.map((path) => (
          <li>
            <button type="button" onClick={() => open(path)}>
              {path.split("/").at(-1)!.replace(/\.\w+$/, "").replaceAll("-", " ")}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
