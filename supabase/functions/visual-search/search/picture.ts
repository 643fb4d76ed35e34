/** What a picture is searched by: what semantic-analysis says of it, and nothing made up. */

import { toAnalysisError, toPassedOnHeaders } from "../../_shared/platform/http/analysis-error.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type {
  analysePicture,
  AnalysePictureOptions,
  FunctionsClient,
} from "../../_shared/client/analyse-picture.ts";
import type { AnalysisResponseBody, StoredImage } from "../../_shared/client/contract.ts";
import { SemanticAnalysisError } from "../../_shared/client/errors.ts";
import type { Material } from "../../_shared/client/material.ts";
import type { CallerRights } from "./caller-rights.ts";

/** A picture that semantic-analysis described. */
export interface DescribedPicture {
  kind: "described";
  /** The words to search for. */
  text: string;
  /** Known ones only; null when the model gave none. */
  properties: Record<string, unknown> | null;
  analysis: AnalysisResponseBody;
}

/** `refusal` is what our caller is told, if it has nothing else to search by. */
export interface FailedPicture {
  kind: "failed";
  refusal: ApiError;
  requestId: string | null;
}

/** In whose name a picture is described, and within which time. */
export interface DescribePictureOptions {
  client: FunctionsClient;
  rights: CallerRights;
  call: Pick<AnalysePictureOptions, "requestId" | "timeoutMs" | "signal" | "traceHeaders">;
  /** Told the limits that the analysis used. */
  onHeaders: (headers: Record<string, string>) => void;
  analyse: typeof analysePicture;
}

/** Asks semantic-analysis, on the caller's account. */
export async function describePicture(
  image: string | StoredImage,
  { client, rights, call, onHeaders, analyse }: DescribePictureOptions,
): Promise<DescribedPicture | FailedPicture> {
  try {
    const analysis = await analyse(client, {
      ...(typeof image === "string" ? { image_data: image } : { image }),
      analysis_type: "material_identification",
    }, {
      ...call,
      ...(rights.kind === "user" ? { userToken: rights.token } : { serviceName: rights.name }),
      onHeaders: (headers) => onHeaders(toPassedOnHeaders(headers)),
    });
    const { material } = analysis;
    const properties = material && toKnownProperties(material);
    return {
      kind: "described",
      text: material && properties ? toWords(material) : analysis.analysis,
      properties,
      analysis,
    };
  } catch (error) {
    if (!(error instanceof SemanticAnalysisError)) throw error;
    return {
      kind: "failed",
      refusal: toOwnWords(toAnalysisError(error)),
      requestId: error.requestId,
    };
  }
}

/**
 * Whether a search may go on without the picture: what is the caller's own to mend, a bad picture or a
 * used-up limit, is said and not passed over.
 */
export function isWorthDegrading({ refusal }: FailedPicture): boolean {
  return refusal.status >= 500;
}

/** A picture whose properties the model did not tell can't be searched by them: it has failed. */
export function requireProperties(
  picture: DescribedPicture | FailedPicture,
): DescribedPicture | FailedPicture {
  if (picture.kind === "failed" || picture.properties !== null) return picture;
  return {
    kind: "failed",
    refusal: new ApiError(
      "UPSTREAM_INVALID_RESPONSE",
      "The model told no property of the material in query_image; semantic_analysis searches by " +
        "its description",
    ),
    requestId: picture.analysis.request_id,
  };
}

/** What is `image_data` or `image` to semantic-analysis is `query_image` to this function's callers. */
function toOwnWords(refusal: ApiError): ApiError {
  const own = (text: string) => text.replaceAll(/\bimage(_data)?(?=[ .:]|$)/g, "query_image");
  const { code, message, headers, cause } = refusal;
  const details = Object.entries(refusal.details ?? {});
  if (!details.some(([field]) => own(field) !== field)) return refusal;
  return new ApiError(code, own(message), {
    details: Object.fromEntries(details.map(([field, problem]) => [own(field), problem])),
    headers,
    cause,
  });
}

function toKnownProperties(
  { family, type, finish, texture, pattern, colors }: Material,
): Record<string, unknown> | null {
  const known = Object.entries({ family, type, finish, texture, pattern })
    .filter(([, value]) => value !== "unknown");
  const properties = { ...Object.fromEntries(known), ...(colors.length > 0 && { colors }) };
  return Object.keys(properties).length > 0 ? properties : null;
}

/**
 * The terms of the structure. The prose around them is about the picture as much as about the
 * material ("light", "surface", "medium"), and any of its words would find half a catalogue.
 */
function toWords(material: Material): string {
  const { family, type, finish, texture, pattern, colors, applications, style } = material;
  const words = [family, type, finish, texture, pattern, ...colors, ...applications, ...style];
  return words.filter((word) => word !== "unknown").join(" ").replaceAll("_", " ");
}
