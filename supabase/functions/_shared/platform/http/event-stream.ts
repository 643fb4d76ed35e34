/** An answer of server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html */

import { type Pause, pause as pauseByTimer } from "./pause.ts";

/** An open stream: the response to give back at once, and what goes on being sent in it. */
export interface EventStream {
  response: Response;
  /** Aborted when the client has gone. */
  signal: AbortSignal;
  /** Sends an event with JSON as its data; does nothing once closed. */
  send(event: string, data: unknown): void;
  close(): void;
}

/** How a silence is broken, and by which clock. */
export interface EventStreamOptions {
  /** A comment is sent after so long a silence, for platforms that cut one. Default 10,000. */
  heartbeatMs?: number;
  pause?: Pause;
  /** Milliseconds since any moment. Default `performance.now`, which no clock's setting moves. */
  now?: () => number;
}

/** Opens a stream; it must be closed. */
export function createEventStream(options: EventStreamOptions = {}): EventStream {
  const {
    heartbeatMs = 10_000,
    pause = pauseByTimer,
    now = () => performance.now(),
  } = options;
  const encoder = new TextEncoder();
  const gone = new AbortController();
  const closed = new AbortController();
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start: (opened) => {
      controller = opened;
    },
    cancel: () => {
      closed.abort();
      gone.abort(new DOMException("The client has disconnected", "AbortError"));
    },
  });

  let lastWriteAtMs = now();
  const write = (text: string) => {
    if (closed.signal.aborted) return;
    lastWriteAtMs = now();
    controller.enqueue(encoder.encode(text));
  };
  const beat = async () => {
    while (!closed.signal.aborted) {
      // Counted from the last event: at fixed intervals a silence could last for almost two of them.
      const waitMs = lastWriteAtMs + heartbeatMs - now();
      if (waitMs > 0) await pause(waitMs, closed.signal);
      else write(": heartbeat\n\n");
    }
  };
  beat().catch(() => {});

  return {
    response: new Response(body, {
      headers: {
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-store",
        // nginx and its like would hold the events back.
        "X-Accel-Buffering": "no",
      },
    }),
    signal: gone.signal,
    send(event, data) {
      // JSON has no line breaks of its own, so one data line holds it.
      write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    close() {
      if (closed.signal.aborted) return;
      closed.abort();
      controller.close();
    },
  };
}
