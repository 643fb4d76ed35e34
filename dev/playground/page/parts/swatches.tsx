import type { PaletteColor } from "../../../../supabase/functions/_shared/client/client.ts";

/** Colours side by side, each as wide as its share. For the eye: the card names them. */
export function SwatchBand({ colors }: { colors: PaletteColor[] }) {
  return (
    <div class="swatch-band" aria-hidden="true">
      {colors.map(({ hex, share }) => (
        <span style={{ background: hex, flexGrow: String(Math.max(share, 0.04) * 100) }} />
      ))}
    </div>
  );
}
