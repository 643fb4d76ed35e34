/** Connections that send a part of a body and fall silent. */

export interface SlowBody extends Disposable {
  /** What the worker answers, if it does: the status line and all that follows. */
  answer: Promise<string>;
}

export interface SlowBodyOptions {
  token: string;
  /** `Content-Length`. */
  announcedBytes: number;
  sent: Uint8Array;
}

/** Opens a connection, sends this much of the body, and nothing more. */
export async function openSlowBody(
  url: string,
  { token, announcedBytes, sent }: SlowBodyOptions,
): Promise<SlowBody> {
  const { hostname, port, pathname } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const writer = connection.writable.getWriter();
  const head =
    `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${announcedBytes}\r\n\r\n`;
  await writer.write(new TextEncoder().encode(head));
  await writer.write(sent);
  const answer = new Response(connection.readable).text().catch(() => "");
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
