/**
 * `deno task demo [picture …]`: starts the stack on free ports, has pictures analysed through an
 * unmodified supabase-js, searches the catalogue with the last of them, shows the limit refusing one
 * request too many, and stops everything.
 * Exits with 0 only if all of that happened.
 */
import { Buffer } from "node:buffer";
import { parseArgs } from "node:util";
import { createClient, type FunctionsHttpError, type SupabaseClient } from "@supabase/supabase-js";
import type { ErrorBody } from "../../supabase/functions/_shared/platform/http/api-error.ts";
import type {
  AnalysisResponseBody,
  LimitsResponseBody,
} from "../../supabase/functions/_shared/client/contract.ts";
import { type DemoPicture, readPictures } from "../demo/pictures.ts";
import { printAnalysis, printProgress, printSearch, toRemainingText } from "../demo/print.ts";
import { invokeSearch, traceRequest } from "../demo/search.ts";
import { chooseTogether, readFunctionSettings } from "../stack/settings.ts";
import { type Stack, startStack } from "../stack/stack.ts";

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  try {
    await runDemo(positionals);
  } catch (error) {
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
    Deno.exitCode = 1;
  }
}

async function runDemo(paths: string[]): Promise<void> {
  const pictures = await readPictures(paths);
  const together = chooseTogether(await readFunctionSettings());
  await using stack = await startStack({
    standIn: together.standIn,
    functionEnvironment: {
      ...together.functionEnvironment,
      // One for each picture and one for the search, so that one more is one too many; the first comes
      // back after a minute.
      RATE_LIMIT_ANONYMOUS_PER_MINUTE: "1",
      RATE_LIMIT_ANONYMOUS_BURST: String(pictures.length + 1),
      RATE_LIMIT_ANONYMOUS_PER_DAY: String(pictures.length + 1),
    },
    onProgress: printProgress,
  });
  const supabase = createClient(stack.apiUrl, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = await supabase.auth.signInAnonymously();
  if (error) throw error;
  printProgress(`signed in as anonymous user ${data.user?.id}`);

  for (const picture of pictures) {
    const body = await analyse(supabase, picture);
    printAnalysis(picture, body, toRemainingText(await readLimits(supabase)));
  }
  await search(stack, supabase, pictures.at(-1)!);
  await showRefusal(supabase, pictures[0]!);
  printProgress("stopping");
}

function invokeAnalysis(supabase: SupabaseClient, { bytes }: DemoPicture) {
  return supabase.functions.invoke<AnalysisResponseBody>("semantic-analysis", {
    body: { image_data: Buffer.from(bytes).toString("base64") },
  });
}

async function analyse(
  supabase: SupabaseClient,
  picture: DemoPicture,
): Promise<AnalysisResponseBody> {
  const { data, error } = await invokeAnalysis(supabase, picture);
  if (error) throw new Error(`${picture.name}: ${await describeError(error)}`);
  return data!;
}

async function search(
  stack: Stack,
  supabase: SupabaseClient,
  picture: DemoPicture,
): Promise<void> {
  const { data, error } = await invokeSearch(supabase, picture);
  if (error) throw new Error(`the search with ${picture.name}: ${await describeError(error)}`);
  printSearch(picture, data!, await traceRequest(stack, data!.request_id));
}

async function readLimits(supabase: SupabaseClient): Promise<LimitsResponseBody> {
  const { data, error } = await supabase.functions.invoke<LimitsResponseBody>(
    "semantic-analysis/limits",
    { method: "GET" },
  );
  if (error) throw new Error(`limits: ${await describeError(error)}`);
  return data!;
}

async function showRefusal(supabase: SupabaseClient, picture: DemoPicture): Promise<void> {
  const { error } = await invokeAnalysis(supabase, picture);
  const response = (error as FunctionsHttpError | null)?.context;
  if (!(response instanceof Response) || response.status !== 429) {
    throw new Error("one request too many was not refused");
  }
  console.log(`\nOne request too many: ${response.status} ${await describeError(error)}`);
  console.log(`  Retry-After: ${response.headers.get("retry-after")} s\n`);
}

/** supabase-js keeps the answer, unread, in the error's `context`. */
async function describeError(error: unknown): Promise<string> {
  const { context } = error as Partial<FunctionsHttpError>;
  if (!(context instanceof Response)) return String(error);
  const { error: { code, message } }: ErrorBody = await context.json();
  return `${code}: ${message}`;
}
