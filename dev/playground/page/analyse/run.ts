/** One analysis, from the picture that was chosen to the result: what the room shows of it. */
import { signal } from "@preact/signals";
import {
  type AnalysisRequestBody,
  type AnalysisResponseBody,
  type PreparedPicture,
  preparePicture,
  streamAnalysis,
} from "../../../../supabase/functions/_shared/client/client.ts";
import { readLimits } from "../project/limits.ts";
import { requireUser, supabase } from "../project/session.ts";

/** What is asked beside the picture. */
export type Question = Pick<AnalysisRequestBody, "analysis_type" | "prompt"> & {
  options: NonNullable<AnalysisRequestBody["options"]>;
};

/** How far an analysis is, and what there is of it. */
export type Run =
  & {
    picture: File;
    /** Of the picture, for an `<img>`. */
    pictureUrl: string;
    question: Question;
    prepared: PreparedPicture | null;
    /** The description as far as it has come. */
    text: string;
  }
  & (
    | { phase: "preparing" | "waiting" | "streaming" }
    | { phase: "done"; result: AnalysisResponseBody; headers: Headers | null; totalMs: number }
    | { phase: "failed"; error: unknown }
    | { phase: "stopped" }
  );

/** null until a picture is chosen. */
export const run = signal<Run | null>(null);

/** What is asked of the next picture. */
export const question = signal<Question>({ options: {} });

let controller = new AbortController();

/** Longer than the function's own deadline, so that the function is the one to say what was late. */
const TIMEOUT_MS = 75_000;

/** Whether an analysis is under way. */
export function isBusy(current: Run | null): boolean {
  return current !== null && ["preparing", "waiting", "streaming"].includes(current.phase);
}

/** Stops what is under way. */
export function stop(): void {
  controller.abort();
}

/** Analyses a picture in place of the one before, whose analysis is stopped. */
export async function analyse(picture: File): Promise<void> {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  if (run.value && run.value.picture !== picture) URL.revokeObjectURL(run.value.pictureUrl);
  const start: Run = {
    phase: "preparing",
    picture,
    pictureUrl: run.value?.picture === picture
      ? run.value.pictureUrl
      : URL.createObjectURL(picture),
    question: question.value,
    prepared: null,
    text: "",
  };
  run.value = start;
  /** Of this analysis alone: a later one has the signal's place. */
  const update = (change: Partial<Run>) => {
    if (controller.signal === signal) run.value = { ...run.value!, ...change } as Run;
  };
  try {
    await follow(start, signal, update);
  } catch (error) {
    update(signal.aborted ? { phase: "stopped" } : { phase: "failed", error });
  }
  if (controller.signal === signal) await readLimits();
}

async function follow(
  { picture, question }: Run,
  signal: AbortSignal,
  update: (change: Partial<Run>) => void,
): Promise<void> {
  const client = supabase.value!;
  const prepared = await preparePicture(picture, { signal }).catch((error) => {
    // What this browser can't decode is sent as it is, for the function to say what is wrong with it.
    if (signal.aborted) throw error;
    return null;
  });
  update({ prepared, phase: "waiting" });
  await requireUser(client);
  const startedAt = performance.now();
  const request = { ...question, image_data: prepared?.picture ?? picture };
  let headers: Headers | null = null;
  let text = "";
  const options = {
    signal,
    timeoutMs: TIMEOUT_MS,
    prepare: false,
    onHeaders: (received: Headers) => headers = received,
  } as const;
  for await (const event of streamAnalysis(client, request, options)) {
    if (event.type === "delta") {
      text += event.text;
      update({ phase: "streaming", text });
    } else {
      const totalMs = performance.now() - startedAt;
      update({
        phase: "done",
        text: event.result.analysis,
        result: event.result,
        headers,
        totalMs,
      });
    }
  }
}
