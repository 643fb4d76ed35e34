/** A size for people: `6 MB`, `0.4 MB`, `1.5 MB`. A megabyte is 1,048,576 bytes, as `MAX_IMAGE_BYTES` counts. */
export function toMegabytes(byteCount: number): string {
  const megabytes = byteCount / (1024 * 1024);
  const rounded = megabytes < 0.05 ? megabytes.toFixed(3) : megabytes.toFixed(1);
  return `${rounded.replace(/\.?0+$/, "") || "0"} MB`;
}
