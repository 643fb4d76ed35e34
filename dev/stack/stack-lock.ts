/**
 * One stack per project folder. The lock is the kernel's (`flock`), so it goes with the process that
 * holds it, however that ends.
 */
import { localDirectory } from "./process/project-paths.ts";

/** A stack of this project runs already. */
export class StackRunningError extends Error {
  override name = "StackRunningError";

  constructor(readonly pid: string) {
    super(`The local stack of this folder runs already (process ${pid}), stop that one first`);
  }
}

/**
 * Takes the lock.
 *
 * @throws {StackRunningError} when another process has it
 */
export async function acquireStackLock(): Promise<Disposable> {
  const folder = localDirectory();
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/stack.lock`;
  const file = await Deno.open(path, { read: true, write: true, create: true });
  if (!await file.tryLock(true)) {
    file.close();
    throw new StackRunningError((await Deno.readTextFile(path)).trim());
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  return file;
}
