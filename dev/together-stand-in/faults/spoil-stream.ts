/** Faults of a stream: each takes the data of the events, the last of them `[DONE]`. */

import { createDefaultError, toErrorBody } from "../wire/errors.ts";
import { toEvent } from "../wire/event-stream.ts";
import type { Fault } from "./faults.ts";
import type { BodyEnding } from "./paced-body.ts";

/** A stream of events as it is to be sent. */
export interface EventStream {
  /** As written, with their line ends. */
  events: string[];
  ending: BodyEnding;
  /** Between pieces; null: none. */
  intervalMs: number | null;
}

type Spoil<Kind extends Fault["kind"]> = (
  data: string[],
  fault: Extract<Fault, { kind: Kind }>,
) => Partial<EventStream>;

const SPOILS: { [Kind in Fault["kind"]]?: Spoil<Kind> } = {
  stream_cut: (data, { chunks }) => ({ events: toEvents(data.slice(0, chunks)), ending: "cut" }),
  stream_stall: (data, { chunks }) => ({
    events: toEvents(data.slice(0, chunks)),
    ending: "stall",
  }),
  stream_drip: (_, { intervalMs }) => ({ intervalMs }),
  stream_error: (data, { chunks, status, message }) => {
    const { id, error } = toErrorBody(createDefaultError(status), "");
    const body = JSON.stringify({ id, error: { ...error, message: message ?? error.message } });
    return { events: toEvents([...data.slice(0, chunks), body]) };
  },
  stream_no_done: (data) => ({ events: toEvents(data.slice(0, -1)) }),
  stream_garbage: (data, { chunks, data: garbage }) => ({
    events: toEvents(data.toSpliced(chunks, 0, garbage)),
  }),
  stream_crlf: (data) => ({ events: [": hello\r\nretry: 1000\r\n\r\n", ...data.map(toCrlfEvent)] }),
  stream_unterminated: (data) => {
    const events = toEvents(data);
    return { events: [...events.slice(0, -1), events.at(-1)!.trimEnd()] };
  },
};

/** Writes the events of a stream, properly or as the fault has it. */
export function toEventStream(data: string[], fault: Fault | null): EventStream {
  const proper: EventStream = { events: toEvents(data), ending: "close", intervalMs: null };
  if (fault === null) return proper;
  const spoil = SPOILS[fault.kind] as Spoil<Fault["kind"]> | undefined;
  return { ...proper, ...spoil?.(data, fault) };
}

function toEvents(data: readonly string[]): string[] {
  return data.map(toEvent);
}

/** The same event as the standard allows it too: CRLF, comments, an id, JSON over several lines. */
function toCrlfEvent(data: string, index: number): string {
  const isJson = data.startsWith("{");
  const lines = isJson ? JSON.stringify(JSON.parse(data), null, 1).split("\n") : [data];
  return [`: comment ${index}`, `id: ${index}`, ...lines.map((line) => `data:${line}`), "", ""]
    .join("\r\n");
}
