/**
 * Responses kept on disk by what they depend on, so that no answer is paid twice and an evaluation that was
 * cut goes on. Labels are not part of it: they may be corrected at no cost.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { responseBody } from "./response-body.ts";

const keptAnswer = z.object({
  response: responseBody,
  latency_ms: z.number(),
  answered_at: z.iso.datetime(),
});

/** A response with its time. */
export type KeptAnswer = z.infer<typeof keptAnswer>;

/** What a response depends on. */
export interface AnswerKey {
  /** Of the project that was asked. */
  url: string;
  /** null: its chain. */
  modelAsked: string | null;
  /** The model that is asked first. */
  model: string;
  promptVersion: string;
  schemaVersion: string;
  contentHash: string;
}

/** A folder of responses. */
export interface KeptAnswers {
  /** @returns null for what isn't kept, or can't be read any more */
  read(key: AnswerKey): Promise<KeptAnswer | null>;
  /** All of it or, where the process ends meanwhile, nothing. */
  write(key: AnswerKey, answer: KeptAnswer): Promise<void>;
}

/** Keeps them in this folder, which is made when there is something to keep. */
export function createKeptAnswers(folder: string): KeptAnswers {
  const toPath = (answerKey: AnswerKey) => {
    const { url, modelAsked, model, promptVersion, schemaVersion, contentHash } = answerKey;
    const parts = [url, modelAsked, model, promptVersion, schemaVersion, contentHash];
    const key = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
    return { directory: join(folder, key.slice(0, 2)), file: `${key}.json` };
  };
  return {
    async read(key) {
      const { directory, file } = toPath(key);
      try {
        return keptAnswer.parse(JSON.parse(await Deno.readTextFile(join(directory, file))));
      } catch {
        return null;
      }
    },
    async write(key, answer) {
      const { directory, file } = toPath(key);
      await Deno.mkdir(directory, { recursive: true });
      const unfinished = join(directory, `${file}.${crypto.randomUUID()}`);
      await Deno.writeTextFile(unfinished, JSON.stringify(answer));
      await Deno.rename(unfinished, join(directory, file));
    },
  };
}
