import { useSignal } from "@preact/signals";

/** Code with a button that copies it. */
export function Code({ text }: { text: string }) {
  const said = useSignal("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.value = "Copied";
    } catch {
      said.value = "Select it and copy it yourself: this page may not";
    }
    setTimeout(() => said.value = "", 3_000);
  };
  return (
    <div class="code">
      <pre tabIndex={0} aria-label="Code"><code>{text}</code></pre>
      <div class="code-foot">
        <button class="button is-small" type="button" onClick={copy}>Copy</button>
        <span role="status">{said.value}</span>
      </div>
    </div>
  );
}
