import type { PaletteColor } from "../../../../supabase/functions/_shared/client/client.ts";
import { formatShare } from "./format.ts";

/** Measured colours side by side, each as wide as its share. */
export function SwatchBand({ colors, label }: { colors: PaletteColor[]; label: string }) {
  return (
    <ul class="swatch-band" aria-label={label}>
      {colors.map(({ hex, share, name }) => (
        <li style={{ background: hex, flexGrow: Math.max(share, 0.04) }} title={`${name} ${hex}`}>
          <span class="visually-hidden">{name}, {formatShare(share)}, {hex}</span>
        </li>
      ))}
    </ul>
  );
}
