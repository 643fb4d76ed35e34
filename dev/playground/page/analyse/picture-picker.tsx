import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { settings } from "../project/settings.ts";
import { Camera } from "./camera.tsx";
import { isDragging, listenForPictures } from "../parts/picture-input.ts";

/** A phone's own camera makes better pictures than a page's. */
const hasOwnCamera = matchMedia("(pointer: coarse)").matches;

/** Takes a picture that is dropped, pasted, picked, taken or one of the samples. */
export function PicturePicker(
  { isCompact, onPicture }: { isCompact: boolean; onPicture: (picture: File) => void },
) {
  const isCameraOpen = useSignal(false);
  useEffect(() => listenForPictures(onPicture), []);
  const choose = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    const [file] = input.files ?? [];
    if (file) onPicture(file);
    input.value = "";
  };
  return (
    <div class={`picker ${isCompact ? "is-compact" : ""} ${isDragging.value ? "is-over" : ""}`}>
      {!isCompact && (
        <p class="picker-hint">
          {isDragging.value ? "Let go" : "Drop a picture here, paste one, or"}
        </p>
      )}
      <div class="row">
        <label class="button is-primary file">
          {isCompact ? "Another picture" : "Choose a picture"}
          <input type="file" accept="image/*" onChange={choose} />
        </label>
        {hasOwnCamera
          ? (
            <label class="button file">
              Take one
              <input type="file" accept="image/*" capture="environment" onChange={choose} />
            </label>
          )
          : (
            <button
              class="button"
              type="button"
              onClick={() => isCameraOpen.value = true}
            >
              Take one
            </button>
          )}
      </div>
      {settings.samples.length > 0 && <Samples onPicture={onPicture} />}
      {isCameraOpen.value && (
        <Camera
          onPicture={onPicture}
          onClose={() => isCameraOpen.value = false}
        />
      )}
    </div>
  );
}

function Samples({ onPicture }: { onPicture: (picture: File) => void }) {
  const problem = useSignal<string | null>(null);
  const open = async (name: string) => {
    try {
      const response = await fetch(`samples/${name}.jpg`);
      if (!response.ok) throw new Error(`The server answered ${response.status}`);
      const blob = await response.blob();
      problem.value = null;
      onPicture(new File([blob], `${name}.jpg`, { type: "image/jpeg" }));
    } catch {
      problem.value = "The sample could not be loaded. Check your connection and try again.";
    }
  };
  return (
    <div class="samples">
      <p class="overline">or a sample</p>
      <ul>
        {settings.samples.map((name) => (
          <li>
            <button class="sample" type="button" onClick={() => open(name)}>
              <img src={`samples/${name}.webp`} alt="" width="96" height="96" />
              <span>{name.replaceAll("-", " ")}</span>
            </button>
          </li>
        ))}
      </ul>
      {problem.value && <p class="notice is-error" role="alert">{problem.value}</p>}
    </div>
  );
}
