/** An installation that isn't possible: one sentence that says why and what to do. */
export class InstallError extends Error {
  override name = "InstallError";
}
