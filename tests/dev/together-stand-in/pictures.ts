import sharp from "sharp";

/** A PNG of one colour. */
export async function createPlainPicture(
  background: string,
  width = 64,
  height = 64,
): Promise<Uint8Array> {
  return await sharp({ create: { width, height, channels: 3, background } }).png().toBuffer();
}

/** A PNG of soft grey stripes; the direction is anticlockwise from horizontal, the period in pixels. */
export async function createStripedPicture(
  directionDegrees: number,
  periodPixels: number,
  size = 256,
): Promise<Uint8Array> {
  const angle = directionDegrees * Math.PI / 180;
  const values = Uint8Array.from({ length: size * size }, (_, index) => {
    const across = (index % size) * Math.sin(angle) + Math.floor(index / size) * Math.cos(angle);
    return Math.round(128 + 60 * Math.sin(2 * Math.PI * across / periodPixels));
  });
  return await sharp(values, { raw: { width: size, height: size, channels: 1 } }).png().toBuffer();
}

/** The picture as a `data:` URI; the type is not looked at. */
export function toDataUri(bytes: Uint8Array): string {
  return `data:image/png;base64,${bytes.toBase64()}`;
}
