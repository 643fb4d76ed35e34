import { useSignal } from "@preact/signals";

/** A picture that was chosen; the form of its file where the browser can't show it, as Chrome can't HEIC. */
export function ChosenPicture({ url, name, alt }: { url: string; name: string; alt: string }) {
  const unshown = useSignal<string | null>(null);
  if (unshown.value === url) {
    return (
      <span class="unshown" role="img" aria-label={alt}>
        {/\.(\w{1,5})$/.exec(name)?.[1]?.toUpperCase() ?? "?"}
      </span>
    );
  }
  return <img src={url} alt={alt} onError={() => unshown.value = url} />;
}
