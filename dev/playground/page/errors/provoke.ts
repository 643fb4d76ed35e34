/** The calls that fail on purpose. */
import { createClient } from "@supabase/supabase-js";
import {
  analysePicture,
  type AnalysePictureOptions,
  type AnalysisRequest,
} from "../../../../supabase/functions/_shared/client/client.ts";
import { project, requireUser, supabase } from "../project/session.ts";
import { settings } from "../project/settings.ts";

/** A client of its own, with no user and nothing stored. */
function createApartClient(fetch?: typeof globalThis.fetch) {
  const { url, publishableKey } = project.value!;
  return createClient(url, publishableKey, {
    auth: {
      persistSession: false,
      autoRefreshToken: false,
      detectSessionInUrl: false,
      storageKey: `apart-${crypto.randomUUID()}`,
    },
    ...(fetch && { global: { fetch } }),
  });
}

async function readSample(): Promise<Blob> {
  const response = await fetch(`samples/${settings.samples[0]}.jpg`);
  return await response.blob();
}

/** The first half of a sample. */
export async function cutSample(): Promise<Blob> {
  const sample = await readSample();
  return new Blob([sample.slice(0, sample.size / 2)], { type: "image/jpeg" });
}

/** Analyses a sample as the user who is signed in, past the cache. */
export async function analyseSample(
  request: Partial<AnalysisRequest>,
  options: AnalysePictureOptions = {},
): Promise<unknown> {
  const client = supabase.value!;
  await requireUser(client);
  return await analysePicture(client, await toRequest(request), { prepare: false, ...options });
}

/** Analyses a sample without a user, through another `fetch`. */
export async function analyseThrough(fetch: typeof globalThis.fetch): Promise<unknown> {
  return await analysePicture(createApartClient(fetch), await toRequest({}), { prepare: false });
}

/** Analyses a sample as a new user who has no request left. */
export async function analyseAsNewUser(): Promise<unknown> {
  const client = createApartClient();
  const { data, error } = await client.auth.signInAnonymously();
  if (error) throw error;
  await fetch(`local/limit/${data.user!.id}`, { method: "PUT" });
  return await analysePicture(client, await toRequest({}), { prepare: false });
}

/** Analyses a sample while the provider's stand-in misbehaves; afterwards it behaves again. */
export async function analyseWithFaults(name: string): Promise<unknown> {
  const response = await fetch(`local/faults/${name}`, { method: "PUT" });
  if (!response.ok) throw new Error("There is no stand-in: a real provider is asked");
  try {
    return await analyseSample({}, { timeoutMs: 4_000 });
  } finally {
    await fetch("local/faults", { method: "DELETE" });
  }
}

/** @returns the error; null where there was none */
export async function expectError(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
    return null;
  } catch (error) {
    return error;
  }
}

async function toRequest(request: Partial<AnalysisRequest>): Promise<AnalysisRequest> {
  const { options, ...others } = request;
  return {
    ...(!request.image && { image_data: await readSample() }),
    ...others,
    options: { cache: "off", ...options },
  } as AnalysisRequest;
}
