/**
 * Server-sent events from texts that were cut anywhere (https://html.spec.whatwg.org, 9.2.6): `\r\n`, `\r`
 * or `\n` ends a line, an empty line an event, an event without its empty line is discarded. `id` and
 * `retry` are for reconnecting, which no call of ours does.
 */

/** An event without data is none. */
export interface ServerSentEvent {
  /** Empty where the stream names none. */
  event: string;
  data: string;
}

/** Takes the texts in order; gives the events that each completes. */
export function createEventParser(): (text: string) => ServerSentEvent[] {
  let rest = "";
  let event = "";
  let data: string[] = [];
  return (text) => {
    // A `\r` at the end may be the first half of a `\r\n`.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    const events: ServerSentEvent[] = [];
    for (const line of lines) {
      const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
      if (name === "event") event = value;
      else if (name === "data") data.push(value);
      else if (line === "") {
        if (data.length > 0) events.push({ event, data: data.join("\n") });
        event = "";
        data = [];
      }
    }
    return events;
  };
}
