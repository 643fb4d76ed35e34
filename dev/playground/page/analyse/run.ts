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
export interface Question {
  analysis_type?: NonNullable<AnalysisRequestBody["analysis_type"]>;
  prompt?: string;
  options: NonNullable<AnalysisRequestBody["options"]>;
}

/** How far an analysis is, and what there is of it. */
export type Run =
  & {
    picture: File;
    /** Of the picture, for an `<img>`. */
    pictureUrl: string;
    question: Question;
    /** null before it is prepared, and where this browser can't. */
    prepared: PreparedPicture | null;
    /** The description as far as it has come. */
    text: string;
    /** From when the request was sent; null before the first text. */
    firstTextMs: number | null;
  }
  & (
    | { phase: "preparing" | "waiting" | "streaming" | "stopped" }
    | { phase: "done"; result: AnalysisResponseBody; totalMs: number }
    | { phase: "failed"; error: unknown }
  );

/** null until a picture is chosen. */
export const run = signal<Run | null>(null);

/** What is asked of the next picture. */
export const question = signal<Question>({ options: {} });

let controller = new AbortController();

/** Longer than the function's own deadline, so that the function is the one to say what was late. */
const TIMEOUT_MS = 75_000;

/** Whether an analysis is under way. */
export function isBusy({ phase }: Run): boolean {
  return phase === "preparing" || phase === "waiting" || phase === "streaming";
}

/** Stops what is under way. */
export function stop(): void {
  controller.abort();
}

/** Analyses a picture in place of the one before, whose analysis is stopped. */
export async function analyse(picture: File): Promise<void> {
  controller.abort();
  const own = controller = new AbortController();
  const before = run.value;
  const isSame = before?.picture === picture;
  if (before && !isSame) URL.revokeObjectURL(before.pictureUrl);
  const start: Run = {
    phase: "preparing",
    picture,
    pictureUrl: isSame ? before.pictureUrl : URL.createObjectURL(picture),
    question: question.value,
    prepared: null,
    text: "",
    firstTextMs: null,
  };
  run.value = start;
  const update = (change: Partial<Run>) => {
    // Meanwhile another picture may have been chosen.
    if (own === controller && run.value) run.value = { ...run.value, ...change } as Run;
  };
  try {
    await follow(start, own.signal, update);
  } catch (error) {
    update(own.signal.aborted ? { phase: "stopped" } : { phase: "failed", error });
  }
  await readLimits();
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
  const request = {
    ...question,
    image_data: prepared?.picture ?? picture,
    options: { ...prepared && { palette: prepared.colors }, ...question.options },
  };
  const options = { signal, timeoutMs: TIMEOUT_MS, prepare: false };
  let text = "";
  for await (const event of streamAnalysis(client, request, options)) {
    const passedMs = performance.now() - startedAt;
    if (event.type === "result") {
      const { result } = event;
      update({ phase: "done", text: result.analysis, result, totalMs: passedMs });
    } else {
      update({ phase: "streaming", ...(text === "" && { firstTextMs: passedMs }) });
      text += event.text;
      update({ text });
    }
  }
}
