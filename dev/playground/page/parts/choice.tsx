import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";

/** One of a few, side by side. */
export function Choice<Name extends string>(
  { label, options, value }: {
    label: string;
    options: Readonly<Record<Name, string>>;
    value: Signal<Name>;
  },
) {
  const group = useId();
  return (
    <fieldset class="choice">
      <legend class="visually-hidden">{label}</legend>
      {Object.entries<string>(options).map(([name, title]) => (
        <label>
          <input
            type="radio"
            name={group}
            checked={value.value === name}
            onChange={() => value.value = name as Name}
          />
          <span>{title}</span>
        </label>
      ))}
    </fieldset>
  );
}
