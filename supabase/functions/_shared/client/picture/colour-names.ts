import type { Oklab } from "./oklab.ts";

/** Below this chroma a colour has no hue worth naming. */
const NEUTRAL_CHROMA = 0.02;
const TINTED_CHROMA = 0.04;

/** Below this lightness no hue is seen, however large the chroma: a pixel of one step has 0.1 of it. */
const UNSEEN_LIGHTNESS = 0.17;

/** Names a colour in plain English, such as "warm brown" or "light grey". */
export function toColourName({ lightness, a, b }: Oklab): string {
  if (lightness < UNSEEN_LIGHTNESS) return "black";
  const chroma = Math.hypot(a, b);
  const hueDegrees = (Math.atan2(b, a) * 180 / Math.PI + 360) % 360;
  if (chroma < TINTED_CHROMA) return toNeutralName(lightness, chroma, hueDegrees);
  if (hueDegrees >= 15 && hueDegrees < 100 && chroma < 0.17) {
    return toEarthName(lightness, chroma, hueDegrees);
  }
  const depth = lightness < 0.42 ? "dark " : lightness > 0.8 ? "light " : "";
  const muted = depth === "" && chroma < 0.09 ? "muted " : "";
  return `${depth}${muted}${toHueName(hueDegrees, lightness)}`;
}

function toNeutralName(lightness: number, chroma: number, hueDegrees: number): string {
  if (lightness > 0.95) return "white";
  if (lightness < 0.22) return "black";
  const isWarm = hueDegrees < 115 || hueDegrees > 330;
  if (lightness > 0.88) {
    return chroma < NEUTRAL_CHROMA ? "off-white" : isWarm ? "cream" : "pale grey";
  }
  const depth = lightness < 0.45 ? "dark " : lightness > 0.74 ? "light " : "";
  const tint = depth !== "" || chroma < NEUTRAL_CHROMA ? "" : isWarm ? "warm " : "cool ";
  return `${depth}${tint}grey`;
}

/** Dull reds, oranges and yellows are what wood, clay and stone are made of: names of their own. */
function toEarthName(lightness: number, chroma: number, hueDegrees: number): string {
  if (hueDegrees < 48) {
    if (lightness > 0.68) return "dusty pink";
    return lightness < 0.38 ? "dark reddish brown" : "reddish brown";
  }
  if (lightness > 0.85) return chroma < 0.1 ? "cream" : "light yellow";
  if (lightness > 0.7) return chroma < 0.075 ? "beige" : "golden tan";
  if (lightness < 0.38) return "dark brown";
  return chroma > 0.06 ? "warm brown" : "greyish brown";
}

/** Pink and yellow are light colours: what is dark of their hues has other names. */
function toHueName(hueDegrees: number, lightness: number): string {
  if (lightness < 0.5 && hueDegrees >= 330) return "purple";
  if (lightness < 0.5 && hueDegrees < 15) return "red";
  if (lightness < 0.56 && hueDegrees >= 75 && hueDegrees < 115) return "olive";
  const names: [untilDegrees: number, name: string][] = [
    [15, "pink"],
    [42, "red"],
    [75, "orange"],
    [115, "yellow"],
    [165, "green"],
    [215, "teal"],
    [285, "blue"],
    [330, "purple"],
  ];
  return names.find(([untilDegrees]) => hueDegrees < untilDegrees)?.[1] ?? "pink";
}
