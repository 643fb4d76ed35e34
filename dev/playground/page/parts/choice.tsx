import { useId } from "preact/hooks";

/** A choice of one value among a few, side by side. */
export function Choice<Name extends string>(
  { label, options, value, onChoose }: {
    label: string;
    options: Readonly<Record<Name, string>>;
    value: Name;
    onChoose: (name: Name) => void;
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
            checked={value === name}
            onChange={() => onChoose(name as Name)}
          />
          <span>{title}</span>
        </label>
      ))}
    </fieldset>
  );
}
