import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** A dialog with what the camera sees, and a picture of it. */
export function Camera(
  { onPicture, onClose }: { onPicture: (picture: File) => void; onClose: () => void },
) {
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const problem = useSignal<string | null>(null);
  const isReady = useSignal(false);
  useEffect(() => {
    dialog.current!.showModal();
    let isClosed = false;
    let stream: MediaStream | undefined;
    openCamera().then((opened) => {
      stream = opened;
      if (isClosed) return stopTracks(opened);
      video.current!.srcObject = opened;
    }, (error) => problem.value = toProblem(error));
    return () => {
      isClosed = true;
      if (stream) stopTracks(stream);
    };
  }, []);
  const take = async () => {
    const picture = await takeFrame(video.current!);
    dialog.current!.close();
    onPicture(picture);
  };
  return (
    <dialog class="camera" ref={dialog} onClose={onClose} aria-label="Take a picture">
      {problem.value ? <p class="notice is-error" role="alert">{problem.value}</p> : (
        <video
          ref={video}
          autoPlay
          muted
          playsInline
          onPlaying={() => isReady.value = true}
          aria-label="What the camera sees"
        />
      )}
      <div class="row">
        {!problem.value && (
          <button class="button is-primary" type="button" disabled={!isReady.value} onClick={take}>
            Take the picture
          </button>
        )}
        <button class="button" type="button" onClick={() => dialog.current!.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}

function openCamera(): Promise<MediaStream> {
  const { mediaDevices } = navigator;
  if (!mediaDevices) return Promise.reject(new DOMException("", "NotFoundError"));
  return mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: { ideal: 1920 } },
  });
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function toProblem(error: unknown): string {
  const { name } = error as DOMException;
  if (name === "NotAllowedError") return "The camera may not be used by this page.";
  if (name === "NotFoundError") return "There is no camera here. Choose a picture instead.";
  return "The camera can't be opened. Choose a picture instead.";
}

async function takeFrame(video: HTMLVideoElement): Promise<File> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d")!.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, "image/jpeg", 0.92)
  );
  return new File([blob!], "camera.jpg", { type: "image/jpeg" });
}
