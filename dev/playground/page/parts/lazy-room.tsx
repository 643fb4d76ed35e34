import { useSignal } from "@preact/signals";
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect } from "preact/hooks";

/** A room whose code is loaded when it is opened for the first time. */
export function LazyRoom({ load }: { load: () => Promise<ComponentType> }): ComponentChildren {
  const room = useSignal<{ Content: ComponentType } | "failed" | null>(null);
  const open = () => {
    load().then((Content) => room.value = { Content }, () => room.value = "failed");
  };
  useEffect(open, []);
  if (room.value === "failed") {
    return (
      <div class="notice is-error" role="alert">
        <p class="notice-text">
          This part of the page could not be loaded. Check your connection and try again.
        </p>
        <button class="button is-small" type="button" onClick={open}>Try again</button>
      </div>
    );
  }
  if (room.value === null) return <p class="aside is-late" role="status">Loading …</p>;
  return <room.value.Content />;
}
