/** Server-sent events, written as Together writes them and cut as a network may cut them. */

/** Every so many events one is torn, whatever is in it. */
const TEAR_EVERY = 4;

/** Writes one event. */
export function toEvent(data: string): string {
  return `data: ${data}\n\n`;
}

/**
 * Encodes events for the network: most in a piece of their own, some torn in two.
 *
 * Torn are those with a character of several bytes, in the middle of it, and every fourth; what is torn
 * off comes with the next event. The last piece ends where the last event does.
 */
export function toNetworkPieces(events: readonly string[]): Uint8Array<ArrayBuffer>[] {
  const encoder = new TextEncoder();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let rest = new Uint8Array();
  events.forEach((event, index) => {
    const bytes = encoder.encode(event);
    const wide = bytes.findIndex((byte) => byte >= 0x80);
    const tear = wide !== -1
      ? wide + 1
      : index % TEAR_EVERY === TEAR_EVERY - 1
      ? Math.floor(bytes.byteLength / 2)
      : bytes.byteLength;
    pieces.push(join(rest, bytes.subarray(0, tear)));
    rest = bytes.slice(tear);
  });
  return rest.byteLength === 0 ? pieces : [...pieces, rest];
}

/** One after the other. */
export function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
