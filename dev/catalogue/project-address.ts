/** Where a project is: the local stack, or one on the web, by URL and secret. */
import { localDirectory } from "../stack/process/project-paths.ts";

/** Where it is, and the key of its own code. */
export interface ProjectAddress {
  url: string;
  /** `sb_secret_…`, or the legacy service_role key. */
  secretKey: string;
}

/** A call that the project refused, or that did not reach it. */
export class CatalogueError extends Error {
  override name = "CatalogueError";
  /** Whether the same call may do later: the project was not reached, or answered 5xx or 429. */
  readonly isPassing: boolean;

  constructor(message: string, { isPassing = false }: { isPassing?: boolean } = {}) {
    super(message);
    this.isPassing = isPassing;
  }
}

/**
 * Finds the project: `SUPABASE_URL` and `SUPABASE_SECRET_KEY` of the environment, or the local stack's.
 *
 * @throws {CatalogueError} that says what is missing
 */
export async function findProject(
  environment: Record<string, string | undefined> = Deno.env.toObject(),
): Promise<ProjectAddress> {
  const { SUPABASE_URL: url, SUPABASE_SECRET_KEY: secretKey } = environment;
  if (url && secretKey) return { url, secretKey };
  if (url) throw new CatalogueError(`Set SUPABASE_SECRET_KEY to a secret key of "${url}"`);
  if (secretKey) {
    throw new CatalogueError(
      "Set SUPABASE_URL to the project of SUPABASE_SECRET_KEY, or neither for the local stack",
    );
  }
  try {
    const keys = JSON.parse(await Deno.readTextFile(`${localDirectory()}/keys.json`));
    const port = environment.DEV_GATEWAY_PORT || "54321";
    return { url: `http://127.0.0.1:${port}`, secretKey: keys.secret.default };
  } catch {
    throw new CatalogueError(
      "Start the local stack (deno task dev), or set SUPABASE_URL and SUPABASE_SECRET_KEY",
    );
  }
}

/** Why a project could not be reached, and how it is started where it is the local stack. */
export function describeUnreached(url: string, error: unknown): string {
  const { message, cause } = error as Error;
  const reason = cause instanceof Error
    ? cause.message.replace(/^error sending request for url \(.*?\): /, "")
    : message;
  const isLocal = ["127.0.0.1", "localhost"].includes(new URL(url).hostname);
  const remedy = isLocal ? "; deno task dev starts the local stack" : "";
  return `"${url}" can't be reached: ${reason}${remedy}`;
}
