/** The parts of a browser that `preparePicture` draws with, as far as a test without one needs them. */

const SIDE_PIXELS = 40;

/** A surface of the colour that was filled last. */
class Surface {
  fillStyle = "";
  imageSmoothingEnabled = false;
  imageSmoothingQuality = "";
  constructor(readonly width: number, readonly height: number) {}
  getContext() {
    return this;
  }
  fillRect() {}
  drawImage() {}
  getImageData(_x: number, _y: number, width: number, height: number) {
    const hex = this.fillStyle === "#fff" ? "b68350" : this.fillStyle.slice(1);
    const pixel = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    const pixels = Array.from({ length: width * height }, () => [...pixel, 255]);
    return { data: Uint8ClampedArray.from(pixels.flat()) };
  }
  convertToBlob() {
    return Promise.resolve(new Blob(["drawn"], { type: "image/jpeg" }));
  }
}

/** Runs what prepares pictures where each of them is 40 pixels a side, and all one brown. */
export async function withDrawing<Result>(run: () => Promise<Result>): Promise<Result> {
  const { createImageBitmap, OffscreenCanvas } = globalThis;
  Object.assign(globalThis, {
    createImageBitmap: () =>
      Promise.resolve({ width: SIDE_PIXELS, height: SIDE_PIXELS, close() {} }),
    OffscreenCanvas: Surface,
  });
  try {
    return await run();
  } finally {
    Object.assign(globalThis, { createImageBitmap, OffscreenCanvas });
  }
}
