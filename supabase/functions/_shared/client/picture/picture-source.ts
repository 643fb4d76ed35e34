/** What a picture can be given as, and the body of a request that carries it. */

import { isObject } from "../call/read-error.ts";
import type { AnalysisRequestBody, PaletteColor, StoredImage } from "../contract.ts";

/**
 * A picture: text is base64, a `data:` URI or an https URL; a File is a Blob; a bucket and a path name
 * one in Supabase Storage; what `preparePicture` made is sent with the colours that it measured.
 */
export type PictureSource =
  | string
  | URL
  | Blob
  | ArrayBuffer
  | Uint8Array
  | StoredImage
  | PictureWithColors;

/** The part of a prepared picture that is sent: the bytes, and as `options.palette` the colours. */
export interface PictureWithColors {
  picture: Blob;
  colors: PaletteColor[];
}

/** The forms of a picture that are its bytes. */
export type PictureBytes = Blob | ArrayBuffer | Uint8Array;

/** The body of a request, with the picture in any of its forms, or `image` for one in Storage. */
export interface AnalysisRequest extends Omit<AnalysisRequestBody, "image_data"> {
  image_data?: Exclude<PictureSource, StoredImage | PictureWithColors> | undefined;
}

/** A picture alone is asked about with all defaults. */
export function toAnalysisRequest(picture: PictureSource | AnalysisRequest): AnalysisRequest {
  if (!isRecord(picture)) return { image_data: picture };
  if ("bucket" in picture) return { image: picture };
  return isPrepared(picture) ? withPrepared({}, picture) : picture;
}

function isPrepared(picture: PictureWithColors | AnalysisRequest): picture is PictureWithColors {
  return "picture" in picture && isBytes(picture.picture);
}

/**
 * The request with a prepared picture in place of its own. A palette that the caller gave stays, an empty
 * one too; so do options that are no object, for the function to say what is wrong with them.
 */
export function withPrepared(
  request: AnalysisRequest,
  { picture, colors }: PictureWithColors,
): AnalysisRequest {
  const { options = {} } = request;
  return {
    ...request,
    image_data: picture,
    options: isObject(options) ? { ...options, palette: options.palette ?? colors } : options,
  };
}

/** A request, a place in Storage or a prepared picture, not a picture itself. */
function isRecord(
  picture: PictureSource | AnalysisRequest,
): picture is StoredImage | PictureWithColors | AnalysisRequest {
  return isObject(picture) && !isBytes(picture) && !(picture instanceof URL);
}

/**
 * Text goes as JSON; bytes as a form, which is a quarter smaller than base64. React Native can put
 * neither bytes nor a Blob into a form, so there they become base64.
 */
export async function toRequestBody(
  request: AnalysisRequest,
): Promise<AnalysisRequestBody | FormData> {
  const { image_data: picture, ...others } = request;
  if (picture === undefined) return others;
  if (!isBytes(picture)) {
    return { ...others, image_data: picture instanceof URL ? picture.href : picture };
  }
  if (isReactNative()) return { ...others, image_data: await toText(picture) };
  const form = new FormData();
  for (const [name, value] of Object.entries(others)) {
    if (value) form.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  form.set("image", toBlob(picture), "picture");
  return form;
}

/** The bytes as a Blob; a Blob as it is. */
export function toBlob(bytes: PictureBytes): Blob {
  return isBlob(bytes) ? bytes : new Blob([bytes as Uint8Array<ArrayBuffer>]);
}

/** Characters of base64 that are decoded at once, in whole groups of four; a page is not blocked for longer. */
const BASE64_SLICE = 2 ** 20;

/** The bytes of a picture; null for a URL, for text that is no base64, and for what is no picture. */
export async function toBytes(picture: unknown): Promise<PictureBytes | null> {
  if (isBytes(picture)) return picture;
  if (typeof picture !== "string") return null;
  const text = /^data:[^,]{0,100};base64,/i.test(picture)
    ? picture.slice(picture.indexOf(",") + 1)
    : picture;
  // A scheme ends in a colon, which base64 has not.
  if (text.lastIndexOf(":", 40) >= 0) return null;
  // With line breaks a slice would end within a group, whose rest `atob` drops.
  const base64 = text.replace(/\s+/g, "");
  const parts: Uint8Array<ArrayBuffer>[] = [];
  try {
    for (let start = 0; start < base64.length; start += BASE64_SLICE) {
      const decoded = atob(base64.slice(start, start + BASE64_SLICE));
      const part = new Uint8Array(decoded.length);
      for (let index = 0; index < decoded.length; index++) part[index] = decoded.charCodeAt(index);
      parts.push(part);
      await new Promise((resolve) => setTimeout(resolve));
    }
  } catch {
    return null;
  }
  return new Blob(parts);
}

/** Whether a picture is given as its bytes, and not as text. */
export function isBytes(value: unknown): value is PictureBytes {
  return isBlob(value) || ["Uint8Array", "ArrayBuffer"].includes(tagOf(value));
}

/** By its tag as well: what comes from another window, or from a test's DOM, is no `Blob` of this one. */
function isBlob(value: unknown): value is Blob {
  return value instanceof Blob || ["Blob", "File"].includes(tagOf(value));
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

function isReactNative(): boolean {
  return (globalThis.navigator as { product?: string } | undefined)?.product === "ReactNative";
}

/** The bytes as text, for a body of JSON. @throws where they can't be read */
export async function toBase64(picture: PictureBytes): Promise<string> {
  const bytes = isBlob(picture) && !isReactNative() ? await picture.arrayBuffer() : picture;
  return await toText(bytes);
}

/** Base64, or for a Blob, whose bytes React Native shows to a FileReader alone, a `data:` URI. */
async function toText(picture: PictureBytes): Promise<string> {
  if (isBlob(picture)) {
    const reader = new FileReader();
    const read = new Promise((resolve, reject) => {
      reader.onload = resolve;
      reader.onerror = () => reject(reader.error);
    });
    reader.readAsDataURL(picture);
    await read;
    return reader.result as string;
  }
  const bytes = picture instanceof Uint8Array ? picture : new Uint8Array(picture);
  const texts: string[] = [];
  // `apply` takes some tens of thousands of arguments; a multiple of three needs no padding between.
  for (let start = 0; start < bytes.length; start += 24_576) {
    texts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + 24_576))));
  }
  return texts.join("");
}
