import type {
  Material,
  PaletteColor,
  QualityFlag,
} from "../../../../supabase/functions/_shared/client/client.ts";
import { formatShare, toWords } from "../parts/format.ts";

const FLAG_WORDS: Record<QualityFlag, string> = {
  blurry: "The picture is blurry.",
  dark: "The picture is dark.",
  overexposed: "The picture is too bright.",
  low_resolution: "The picture has few pixels.",
  partial_view: "Only a part of it is seen.",
  multiple_materials: "There are several materials in the picture.",
  text_in_picture: "There is writing in the picture.",
  no_material: "There may be no material in the picture.",
};

const PROPERTIES = ["finish", "texture", "pattern", "reflectivity", "transparency"] as const;

const LISTS = [
  ["applications", "Used for"],
  ["style", "Style"],
  ["lookalikes", "Could be taken for"],
] as const;

/** The material as a specimen's card: what it is, its colours, its properties. */
export function MaterialCard(
  { material, measured }: { material: Material; measured: PaletteColor[] },
) {
  const { family, type, quality_flags: flags } = material;
  const isTypeKnown = type !== "unknown";
  return (
    <article class="card">
      <header class="card-head">
        <p class="overline">{isTypeKnown ? toWords(family) : "Material"}</p>
        <h2 class="title">{isTypeKnown ? toWords(type) : toWords(family)}</h2>
      </header>
      <Colours measured={measured} told={material.colors} />
      <dl class="properties">
        {PROPERTIES.map((name) => (
          <div class={material[name] === "unknown" ? "is-unknown" : ""}>
            <dt>{name}</dt>
            <dd>{toWords(material[name])}</dd>
          </div>
        ))}
      </dl>
      <dl class="lists">
        {LISTS.map(([name, title]) =>
          material[name].length > 0 && (
            <div>
              <dt>{title}</dt>
              <dd>{material[name].join(", ")}</dd>
            </div>
          )
        )}
      </dl>
      {flags.length > 0 && (
        <p class="card-flags">{flags.map((flag) => FLAG_WORDS[flag]).join(" ")}</p>
      )}
    </article>
  );
}

function Colours({ measured, told }: { measured: PaletteColor[]; told: string[] }) {
  if (measured.length === 0 && told.length === 0) return null;
  return (
    <div class="colours">
      {measured.length > 0 && (
        <>
          <h3 class="overline">Colours, measured in the picture's pixels</h3>
          <ul class="swatches">
            {measured.map(({ hex, share, name }) => (
              <li>
                <span class="swatch" style={{ background: hex }} aria-hidden="true" />
                <span class="swatch-name">{name}</span>
                <span class="swatch-facts">
                  {formatShare(share)} <code>{hex}</code>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {told.length > 0 && (
        <p class="told">
          <span class="overline">Colours in the model's words</span> {told.join(", ")}
        </p>
      )}
    </div>
  );
}
