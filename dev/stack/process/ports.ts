/** Ports on 127.0.0.1. */

/** The one address anything here listens on. */
export const loopback = "127.0.0.1";

/** A port nothing listens on at this moment. */
export function findFreePort(): number {
  using listener = Deno.listen({ hostname: loopback, port: 0 });
  return listener.addr.port;
}

/** Whether something can listen on the port. */
function isPortFree(port: number): boolean {
  try {
    Deno.listen({ hostname: loopback, port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

/**
 * Checks that a port can be had.
 *
 * @throws {PortTakenError} naming the environment variable that changes it
 */
export function requireFreePort(port: number, purpose: string, variable: string): void {
  if (!isPortFree(port)) throw new PortTakenError(port, purpose, variable);
}

/** Another program listens on a port the stack wants. */
export class PortTakenError extends Error {
  override name = "PortTakenError";

  constructor(readonly port: number, purpose: string, variable: string) {
    super(`Port ${port} (${purpose}) is taken, set ${variable} to a free one`);
  }
}
