/** The last steps before a call: the picture is prepared where it can be, and put into a body. */

import type { AnalysisRequestBody } from "../contract.ts";
import {
  type AnalysisRequest,
  toBytes,
  toRequestBody,
  withPrepared,
} from "../picture/picture-source.ts";
import { isPage, preparePicture } from "../picture/prepare-picture.ts";
import type { AnalysePictureOptions } from "./call-options.ts";
import { type CallSignal, withTimeLeft } from "./call-signal.ts";
import { callError } from "./read-error.ts";

/** What is sent, and with which options. */
export interface PreparedCall {
  body: AnalysisRequestBody | FormData;
  options: AnalysePictureOptions;
}

/**
 * Prepares the picture of a request and its body. What that took is no longer in `timeoutMs`.
 *
 * @throws {SemanticAnalysisError} PICTURE_UNREADABLE when its bytes can't be read.
 */
export async function prepareCall(
  request: AnalysisRequest,
  options: AnalysePictureOptions,
  call: CallSignal,
): Promise<PreparedCall> {
  const prepared = await preparePictureOf(request, options, call);
  try {
    const body = await toRequestBody(prepared);
    return { body, options: prepared === request ? options : withTimeLeft(options, call) };
  } catch (cause) {
    throw callError("PICTURE_UNREADABLE", "The picture could not be read", { cause });
  }
}

/** The request as it is where there is nothing to prepare, or it could not be. */
async function preparePictureOf(
  request: AnalysisRequest,
  { prepare = isPage(), onPrepared }: AnalysePictureOptions,
  { signal }: CallSignal,
): Promise<AnalysisRequest> {
  // A picture in Storage is named, not sent: it has no bytes here.
  const bytes = prepare ? await toBytes(request.image_data) : null;
  if (!bytes) return request;
  const options = { ...(typeof prepare === "object" && prepare), signal };
  const prepared = await preparePicture(bytes, options).catch(() => null);
  if (!prepared) return request;
  onPrepared?.(prepared);
  const { image_data: _, ...others } = withPrepared(request, prepared);
  return { ...others, image_data: prepared.isUntouched ? request.image_data! : prepared.picture };
}
