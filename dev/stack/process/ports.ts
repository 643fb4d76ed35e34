/** Ports on 127.0.0.1. */

/** The one address anything here listens on. */
export const loopback = "127.0.0.1";

/** Below the ports that systems hand out by themselves: Linux from 32768, macOS from 49152. */
const choice = { from: 10_240, to: 32_768 };

/**
 * A port nothing listens on at this moment. One that the system chose could be given to another program,
 * or to a connection, before the caller's program listens on it.
 */
export function findFreePort(random = Math.random): number {
  while (true) {
    const port = choice.from + Math.floor(random() * (choice.to - choice.from));
    if (isPortFree(port)) return port;
  }
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
