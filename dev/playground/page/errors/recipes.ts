/** For every error code the way to bring it about, and in words what that way is. */
import {
  type ErrorCode,
  preparePicture,
} from "../../../../supabase/functions/_shared/client/client.ts";
import { callFunction } from "./call-function.ts";
import {
  analyseAsNewUser,
  analyseSample,
  analyseThrough,
  analyseWithFaults,
  cutSample,
  expectError,
} from "./provoke.ts";

/** An error code, and how it is brought about. */
export interface Recipe {
  code: ErrorCode;
  /** What is done, in words. */
  how: string;
  /** Throws the error. */
  run: () => Promise<unknown>;
  /** The fault of the provider's stand-in that it needs. */
  fault?: string;
}

/** Errors that come about in one way. */
export interface RecipeGroup {
  title: string;
  note: string;
  recipes: Recipe[];
}

const text = () => new Blob(["This is no picture, it is a text."], { type: "text/plain" });

const respond = (body: unknown, status: number) => () =>
  Promise.resolve(Response.json(body, { status }));

const withFault = (code: ErrorCode, how: string, fault: string = code): Recipe => ({
  code,
  how,
  fault,
  run: () => analyseWithFaults(fault),
});

const stated = (code: ErrorCode, how: string): Recipe => ({
  code,
  how,
  run: () =>
    analyseThrough((_, init) =>
      fetch(`local/stated/${code}`, { method: "POST", signal: init?.signal ?? null })
    ),
});

/** In the order in which the page shows them. */
export const RECIPES: RecipeGroup[] = [
  {
    title: "The request is not right",
    note: "Nothing is spent on these: they are refused before a model is asked.",
    recipes: [
      {
        code: "INVALID_REQUEST",
        how: "A temperature of 9",
        run: () => analyseSample({ options: { temperature: 9 } }),
      },
      {
        code: "INVALID_IMAGE",
        how: "Half of a JPEG",
        run: async () => analyseSample({ image_data: await cutSample() }),
      },
      {
        code: "UNSUPPORTED_IMAGE_TYPE",
        how: "A text in place of a picture",
        run: () => analyseSample({ image_data: text() }),
      },
      {
        code: "PICTURE_UNREADABLE",
        how: "The same, prepared in the browser",
        run: () => preparePicture(text()),
      },
      {
        code: "IMAGE_TOO_LARGE",
        how: "A picture of a little more than 6 MB",
        run: async () => {
          const sample = await cutSample();
          // A body that is refused unread may hang: Chromium reads no response before it has sent its
          // request, and the local gateway does not always take what a function has left of it.
          const rest = new Uint8Array(6 * 2 ** 20 + 1_024 - sample.size);
          const picture = new Blob([sample, rest], { type: "image/jpeg" });
          await analyseSample({ image_data: picture });
        },
      },
      {
        code: "BODY_TOO_LARGE",
        how: "100 KB beside the picture",
        run: () => analyseSample({ prompt: "x".repeat(100_000) }),
      },
      {
        code: "IMAGE_NOT_FOUND",
        how: "A picture in Storage that is not there",
        run: () => analyseSample({ image: { bucket: "photos", path: "nowhere.jpg" } }),
      },
      {
        code: "UNSUPPORTED_MEDIA_TYPE",
        how: "A body that says it is a style sheet",
        run: () =>
          callFunction("semantic-analysis", {
            body: new Blob(["body {}"]),
            headers: { "Content-Type": "text/css" },
          }),
      },
      {
        code: "METHOD_NOT_ALLOWED",
        how: "GET in place of POST",
        run: () => callFunction("semantic-analysis", { method: "GET" }),
      },
      {
        code: "NOT_FOUND",
        how: "A path that the function does not have",
        run: () => callFunction("semantic-analysis/nowhere", { body: {} }),
      },
    ],
  },
  {
    title: "The caller may not",
    note: "Users that are made for this and forgotten again.",
    recipes: [
      {
        code: "UNAUTHORIZED",
        how: "A call without a user",
        run: () => analyseThrough(fetch),
      },
      {
        code: "FORBIDDEN",
        how: "A model of the caller's choice, which only a project secret may have",
        run: () => analyseSample({ options: { model: "Qwen/Qwen3.5-9B" } }),
      },
      {
        code: "RATE_LIMITED",
        how: "A new user without a request left for today",
        run: analyseAsNewUser,
      },
    ],
  },
  {
    title: "The provider fails",
    note: "By the faults of the stand-in, each for one request.",
    recipes: [
      withFault("UPSTREAM_REJECTED", "It refuses the picture"),
      withFault("UPSTREAM_INVALID_RESPONSE", "It answers with rubbish"),
      withFault("UPSTREAM_RATE_LIMITED", "It has had too many requests of the project"),
      withFault("UPSTREAM_TIMEOUT", "It does not answer in time"),
      withFault("UPSTREAM_UNAVAILABLE", "It is down"),
    ],
  },
  {
    title: "The service can't",
    note:
      "A healthy stack doesn't, so this page's server says in the function's place what it would say.",
    recipes: [
      stated("OVERLOADED", "Too many pictures at once in one worker"),
      stated("RATE_LIMITER_UNAVAILABLE", "The database does not answer"),
      stated("NOT_CONFIGURED", "A setting or a migration is missing"),
      stated("DISABLED", "An operator has switched it off"),
      stated("INTERNAL", "A bug"),
    ],
  },
  {
    title: "On the way",
    note: "Made in this browser, in place of a network or a platform that fails.",
    recipes: [
      {
        code: "NETWORK_ERROR",
        how: "No connection",
        run: () => analyseThrough(() => Promise.reject(new TypeError("Failed to fetch"))),
      },
      {
        code: "ABORTED",
        how: "Stopped by the app",
        run: () => analyseSample({}, { signal: AbortSignal.abort() }),
      },
      { code: "TIMEOUT", how: "No time at all", run: () => analyseSample({}, { timeoutMs: 0 }) },
      {
        code: "PLATFORM_ERROR",
        how: "The platform has ended the worker",
        run: () => analyseThrough(respond({ code: "WORKER_LIMIT" }, 546)),
      },
      {
        code: "PLATFORM_RATE_LIMITED",
        how: "Too many calls from function to function",
        run: () => {
          const limited = Object.assign(new Error("Too many"), { name: "RateLimitError" });
          return analyseThrough(() => Promise.reject(limited));
        },
      },
      {
        code: "INVALID_RESPONSE",
        how: "A success that is no analysis",
        run: () => analyseThrough(respond({ hello: "world" }, 200)),
      },
      {
        code: "UNKNOWN_ERROR",
        how: "A code of a newer function",
        run: () => {
          const error = { code: "NEWER_CODE", message: "This picture is from the future" };
          return analyseThrough(respond({ error }, 422));
        },
      },
    ],
  },
];

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a recipe after those before it: the stand-in misbehaves for all at once, and an anonymous user has
 * one analysis at a time.
 *
 * @returns the error; null where there was none
 */
export function provoke(recipe: Recipe): Promise<unknown> {
  const own = last.then(() => expectError(recipe.run));
  last = own;
  return own;
}
