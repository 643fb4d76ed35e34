/** One number per pixel of a square picture, row by row. */
export interface Plane {
  /** Edge in pixels. */
  size: number;
  values: Float64Array;
}
