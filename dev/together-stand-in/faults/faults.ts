import { z } from "zod";
import { MATERIAL_VOCABULARY } from "../../../supabase/functions/_shared/client/material.ts";

const common = {
  /** Only requests for this model; absent: for any. */
  model: z.string().optional(),
  /** Requests to spoil before the fault is used up. */
  times: z.union([z.int().positive(), z.literal("always")]).default(1),
  /** Which requests are spoilt. */
  route: z.enum(["chat", "models"]).default("chat"),
};

function simple<const Kind extends string>(kind: Kind) {
  return z.strictObject({ ...common, kind: z.literal(kind) });
}

/** After how many chunks of a stream. */
const chunks = z.int().min(0).default(3);
const intervalMs = z.int().min(0).default(5);
const share = z.number().min(0).max(1);
const finishReason = z.enum(["stop", "eos", "length", "tool_calls", "function_call"]);

const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.literal("status"),
    status: z.int().min(200).max(599),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  simple("retired"),
  simple("not_found"),
  z.strictObject({ ...common, kind: z.literal("delay"), delayMs: z.int().min(0) }),
  simple("stall_before_headers"),
  simple("stall_in_body"),
  z.strictObject({ ...common, kind: z.literal("drip"), intervalMs }),
  simple("cut_body"),
  simple("garbage"),
  simple("html"),
  simple("truncated_json"),
  simple("empty_choices"),
  simple("null_usage"),
  simple("empty_content"),
  z.strictObject({
    ...common,
    kind: z.literal("redirect"),
    location: z.string().default("/v1/moved"),
  }),
  simple("reset"),
  z.strictObject({ ...common, kind: z.literal("model_name"), answerModel: z.string() }),
  z.strictObject({
    ...common,
    kind: z.literal("content"),
    content: z.string(),
    finishReason: finishReason.optional(),
  }),
  z.strictObject({ ...common, kind: z.literal("finish_reason"), finishReason }),
  z.strictObject({
    ...common,
    kind: z.literal("logprobs"),
    shape: z.enum(["tokens", "number", "content", "null", "absent"]),
  }),
  z.strictObject({ ...common, kind: z.literal("stream_cut"), chunks }),
  z.strictObject({ ...common, kind: z.literal("stream_stall"), chunks }),
  z.strictObject({ ...common, kind: z.literal("stream_drip"), intervalMs }),
  z.strictObject({
    ...common,
    kind: z.literal("stream_error"),
    chunks,
    status: z.int().min(400).max(599).default(503),
    message: z.string().optional(),
  }),
  simple("stream_no_done"),
  z.strictObject({
    ...common,
    kind: z.literal("stream_garbage"),
    chunks,
    data: z.string().default('{"id": nothing'),
  }),
  /** A model whose figures are so often right as the rows say: answer/known-truth.ts. */
  z.strictObject({
    ...common,
    kind: z.literal("known_truth"),
    seed: z.int(),
    /** What each picture is of, by the SHA-256 of its bytes in hex; others are measured. */
    families: z.record(z.string(), z.enum(MATERIAL_VOCABULARY.family)),
    /** From the least to the most that is said; all stretches between two are equally common. */
    rows: z.array(z.strictObject({ said: share, right: share })).min(1),
  }),
  simple("stream_crlf"),
  simple("stream_unterminated"),
]);

/** One way to misbehave, complete. */
export type Fault = z.infer<typeof faultSchema>;

/** One way to misbehave, as it is told: `times` (1), `route` ("chat") and the like may be left out. */
export type FaultInput = z.input<typeof faultSchema>;

/** A request that a fault might spoil. */
export interface FaultTarget {
  route: Fault["route"];
  model: string | null;
  /** Faults of kind `stream_…` wait for one of these. */
  isStream: boolean;
}

/**
 * Checks a list of faults.
 *
 * @throws {z.ZodError} naming the place and the problem
 */
export function parseFaults(list: unknown): Fault[] {
  return z.array(faultSchema).parse(list);
}

/** Faults still to come: the first that fits a request is used, and gone after its `times`. */
export class FaultQueue {
  #pending: { fault: Fault; left: number }[] = [];

  constructor(faults: readonly FaultInput[] = []) {
    this.replace(parseFaults(faults));
  }

  /** Forgets what was pending and starts with these. */
  replace(faults: readonly Fault[]): void {
    this.#pending = faults.map((fault) => ({
      fault,
      left: fault.times === "always" ? Infinity : fault.times,
    }));
  }

  /** The fault for a request, or null if it is to be answered properly. */
  take({ route, model, isStream }: FaultTarget): Fault | null {
    const index = this.#pending.findIndex(({ fault }) =>
      fault.route === route && (fault.model === undefined || fault.model === model) &&
      (isStream || !fault.kind.startsWith("stream_"))
    );
    const entry = this.#pending[index];
    if (entry === undefined) return null;
    entry.left--;
    if (entry.left === 0) this.#pending.splice(index, 1);
    return entry.fault;
  }

  /** Pending faults with what is left of `times`. */
  list(): Fault[] {
    return this.#pending.map(({ fault, left }) => ({
      ...fault,
      times: left === Infinity ? "always" : left,
    }));
  }
}
