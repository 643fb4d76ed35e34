/** The project whose confidences are calibrated: its maps, its feedback, by its database's functions. */
import { createClient } from "@supabase/supabase-js";
import type {
  CalibrationMap,
  MapKey,
} from "../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import type { Database } from "../../supabase/functions/_shared/platform/database/database.types.ts";
import type { Material } from "../../supabase/functions/_shared/client/material.ts";
import type { ProjectAddress } from "../catalogue/project-address.ts";
import type { FeedbackLabel } from "./labels/select-feedback.ts";

/** What the person who calibrates can put right. */
export class CalibrationError extends Error {
  override name = "CalibrationError";
}

/** A map with what became of it. */
export interface StoredMap {
  map: CalibrationMap;
  stored_at: string;
  /** null while it is in force. */
  withdrawn_at: string | null;
  withdrawn_because: string | null;
}

/** Feedback that waits for its review. */
export interface WaitingFeedback {
  request_id: string;
  given_at: string;
  subject: string;
  model: string;
  method: string;
  raw_confidence: number;
  family: Material["family"];
  verdict: "right" | "wrong";
  correction: Record<string, unknown>;
  /** null where the feedback does not say. */
  is_family_right: boolean | null;
  of_this_subject: number;
  of_this_answer: number;
}

/** The calls of a project; each throws {CalibrationError} where the project can't be asked. */
export interface CalibratedProject {
  readMaps(): Promise<StoredMap[]>;
  storeMap(map: CalibrationMap): Promise<void>;
  /** @param because in words for the operator */
  withdrawMap(key: MapKey, because: string): Promise<void>;
  /** Accepted feedback of one version, the oldest first. */
  readFeedback(versions: Pick<MapKey, "prompt_version" | "schema_version">): Promise<
    FeedbackLabel[]
  >;
  readWaiting(): Promise<WaitingFeedback[]>;
  /** @returns whether it was still waiting */
  review(
    requestId: string,
    review: { isAccepted: boolean; isFamilyRight: boolean | null },
  ): Promise<boolean>;
}

/** As `public.semantic_analysis_read_labels` gives them. */
interface AcceptedFeedback {
  given_at: string;
  model: string;
  method: MapKey["method"];
  raw_confidence: number;
  is_family_right: boolean;
  giver: string;
}

/** So many are shown at a time. */
const MOST_WAITING = 1_000;

/** Speaks to the project with its secret key. */
export function createCalibratedProject(
  { url, secretKey }: ProjectAddress,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): CalibratedProject {
  const client = createClient<Database>(url, secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch },
  });

  async function call(name: string, parameters: object): Promise<unknown> {
    const { data, error } = await client.rpc(
      `semantic_analysis_${name}` as "semantic_analysis_read_maps",
      parameters as never,
    );
    if (error) throw new CalibrationError(`"${url}" answered ${name} with: ${error.message}`);
    return data;
  }

  return {
    async readMaps() {
      return await call("read_maps", {}) as StoredMap[];
    },
    async storeMap(map) {
      await call("store_map", { p_map: map });
    },
    async withdrawMap({ model, prompt_version, schema_version, method }, because) {
      await call("withdraw_map", {
        p_model: model,
        p_prompt_version: prompt_version,
        p_schema_version: schema_version,
        p_method: method,
        p_because: because,
      });
    },
    async readFeedback({ prompt_version, schema_version }) {
      const labels = await call("read_labels", {
        p_prompt_version: prompt_version,
        p_schema_version: schema_version,
      }) as AcceptedFeedback[];
      return labels.map((label) => ({
        key: { model: label.model, method: label.method, prompt_version, schema_version },
        raw: label.raw_confidence,
        isRight: label.is_family_right,
        source: `giver ${label.giver}`,
        answeredAtMs: Date.parse(label.given_at),
      }));
    },
    async readWaiting() {
      return await call("read_feedback", { p_limit: MOST_WAITING }) as WaitingFeedback[];
    },
    async review(requestId, { isAccepted, isFamilyRight }) {
      return await call("review_feedback", {
        p_request_id: requestId,
        p_is_accepted: isAccepted,
        ...(isFamilyRight !== null && { p_is_family_right: isFamilyRight }),
      }) as boolean;
    },
  };
}
