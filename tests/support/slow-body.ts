/** Connections that send a part of a body and fall silent. */

export interface SlowBody extends Disposable {
  /** What the worker answers, if it does: the status line and all that follows; `""` for nothing. */
  answer: Promise<string>;
}

/** Who sends how much of what was announced. */
export interface SlowBodyOptions {
  token: string;
  /** `Content-Length`. */
  announcedBytes: number;
  sent: Uint8Array;
}

/** Reads up to the end of an error's body: the connection may stay open after it. */
async function readAnswer(readable: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of readable.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (/\r\n\r\n[^]*\}\}/.test(text)) break;
  }
  return text;
}

/** Opens a connection, sends this much of the body, and nothing more. */
export async function openSlowBody(
  url: string,
  { token, announcedBytes, sent }: SlowBodyOptions,
): Promise<SlowBody> {
  const { hostname, port, origin } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const writer = connection.writable.getWriter();
  const head =
    `POST ${
      url.slice(origin.length)
    } HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${announcedBytes}\r\n\r\n`;
  await writer.write(new TextEncoder().encode(head));
  // A worker that has no room for it closes the connection before all is sent.
  await writer.write(sent).catch(() => {});
  const answer = readAnswer(connection.readable).catch(() => "");
  return {
    answer,
    [Symbol.dispose]: () => {
      try {
        connection.close();
      } catch {
        // The worker was faster.
      }
    },
  };
}
