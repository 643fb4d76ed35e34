/**
 * `deno task demo [picture …] [--open]`: starts the stack on free ports, has pictures analysed through an
 * unmodified supabase-js, searches the catalogue with the last of them, has two in a private bucket
 * analysed as jobs and finds them, shows the limit denying one
 * request too many, and stops everything; with `--open` it leaves the playground running in between. A picture that can't be analysed is told and passed over.
 * Exits with 0 only if all of that happened, with each picture.
 */
import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import { createClient, type FunctionsHttpError, type SupabaseClient } from "@supabase/supabase-js";
import type { ErrorBody } from "../../supabase/functions/_shared/platform/http/api-error.ts";
import { DEFAULT_MAX_IMAGE_BYTES } from "../../supabase/functions/_shared/platform/body/body-limits.ts";
import type {
  AnalysisRequestBody,
  AnalysisResponseBody,
  LimitsResponseBody,
} from "../../supabase/functions/_shared/client/contract.ts";
import { analyseCatalogue } from "../demo/catalogue.ts";
import { type DemoPicture, readPictures } from "../demo/pictures.ts";
import {
  printAnalysis,
  printCatalogue,
  printDenial,
  printProblem,
  printProgress,
  printSearch,
  toRemainingText,
} from "../demo/print.ts";
import { invokeSearch, traceRequest } from "../demo/search.ts";
import { runTask, type Task } from "../run-task.ts";
import { servePlayground } from "../playground/serve-playground.ts";
import { callerDirectory } from "../stack/process/project-paths.ts";
import { chooseTogether, readFunctionSettings } from "../stack/settings.ts";
import { type Stack, startStack } from "../stack/stack.ts";

const usage = ` [picture …] [--open]

Has the pictures analysed, or six samples, on a stack that is started for it and
stopped afterwards. With TOGETHER_API_KEY set, in .env or the shell, Together AI
is asked; without, a stand-in that measures the picture.

  --open   leave it running until Ctrl-C, with the playground at the URL that is printed`;

const options = { open: { type: "boolean" } } as const;

/** `deno task demo`. */
export const task: Task<typeof options> = {
  name: "demo",
  usage,
  options,
  takes: [0, Infinity],
  async run({ open = false }, paths) {
    try {
      return await demonstrate(paths, open);
    } catch (error) {
      console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
      return 1;
    }
  },
};

async function demonstrate(paths: readonly string[], isLeftOpen: boolean): Promise<number> {
  const settings = await readFunctionSettings();
  const files = await readPictures(
    paths.map((path) => resolve(callerDirectory(), path)),
    Number(settings.MAX_IMAGE_BYTES ?? DEFAULT_MAX_IMAGE_BYTES),
  );
  for (const file of files) if ("problem" in file) printProblem(file.name, file.problem);
  const pictures = files.filter((file): file is DemoPicture => "bytes" in file);
  const analysed = pictures.length > 0 ? await runDemo(pictures, settings, isLeftOpen) : 0;
  if (analysed === files.length) return 0;
  console.error(`${files.length - analysed} of ${files.length} pictures could not be analysed`);
  return 1;
}

/** Returns how many of the pictures were analysed. */
async function runDemo(
  pictures: readonly DemoPicture[],
  settings: Record<string, string>,
  isLeftOpen: boolean,
): Promise<number> {
  const together = chooseTogether(settings);
  await using stack = await startStack({
    standIn: together.standIn,
    functionEnvironment: together.functionEnvironment,
    onProgress: printProgress,
  });
  const supabase = createClient(stack.apiUrl, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = await supabase.auth.signInAnonymously();
  if (error) throw error;
  printProgress(`signed in as anonymous user ${data.user?.id}`);
  await limitUser(stack, data.user!.id, pictures.length);

  const analysed: DemoPicture[] = [];
  for (const picture of pictures) {
    if (await analyse(supabase, picture)) analysed.push(picture);
  }
  if (analysed.length > 0) {
    await search(stack, supabase, analysed.at(-1)!);
    printCatalogue(await analyseCatalogue(stack, supabase, analysed.slice(0, 2)));
    await showDenial(supabase, analysed[0]!, pictures.length);
  }
  if (isLeftOpen) await leaveOpen(stack);
  printProgress("stopping");
  return analysed.length;
}

/**
 * Gives a user so many analyses for today, which no time of the demo's gives back: one request more
 * exceeds them. The playground's users keep their own.
 */
async function limitUser(stack: Stack, userId: string, perDay: number): Promise<void> {
  const admin = createClient(stack.apiUrl, stack.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { error } = await admin.rpc("semantic_analysis_set_limits", {
    p_subject: `user:${userId}`,
    p_per_day: perDay,
    p_per_minute: 4 * perDay + 20,
    p_burst: 4 * perDay + 20,
  });
  if (error) throw error;
}

/** Serves the playground until a signal comes, or the stack breaks. */
async function leaveOpen(stack: Stack): Promise<void> {
  await using playground = await servePlayground(stack, { port: 0 });
  const ended = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => ended.resolve());
  }
  console.log(`\nThe playground is at ${playground.url}, Ctrl-C stops it`);
  await Promise.race([ended.promise, stack.finished]);
}

function invokeAnalysis(
  supabase: SupabaseClient,
  { bytes }: DemoPicture,
  options: NonNullable<AnalysisRequestBody["options"]> = {},
) {
  return supabase.functions.invoke<AnalysisResponseBody>("semantic-analysis", {
    body: { image_data: Buffer.from(bytes).toString("base64"), options },
  });
}

async function analyse(supabase: SupabaseClient, picture: DemoPicture): Promise<boolean> {
  const { data, error } = await invokeAnalysis(supabase, picture);
  if (error) printProblem(picture.name, await describeError(error));
  else printAnalysis(picture, data!, toRemainingText(await readLimits(supabase)));
  return !error;
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

/**
 * Asks past the cache, whose answers the day's limit doesn't count, until it is used up: pictures that
 * were refused before a model was asked have left their units.
 */
async function showDenial(
  supabase: SupabaseClient,
  picture: DemoPicture,
  maxRequests: number,
): Promise<void> {
  for (let request = 0; request <= maxRequests; request++) {
    const { error } = await invokeAnalysis(supabase, picture, { cache: "off" });
    const response = (error as FunctionsHttpError | null)?.context;
    if (!(response instanceof Response)) continue;
    const problem = await describeError(error);
    if (response.status !== 429) throw new Error(problem);
    printDenial(response.status, problem, response.headers.get("retry-after") ?? "");
    return;
  }
  throw new Error("one request too many was not denied");
}

/** supabase-js keeps the response, unread, in the error's `context`. */
async function describeError(error: unknown): Promise<string> {
  const { context } = error as Partial<FunctionsHttpError>;
  if (!(context instanceof Response)) return String(error);
  const { error: { code, message } }: ErrorBody = await context.json();
  return `${code}: ${message}`;
}

if (import.meta.main) Deno.exit(await runTask(task));
