/** Serves the template to one test process: `test-server.ts <its pid> <file for the answer>`. */
import { isProcessAlive } from "../process/process-list.ts";
import { createTemplateDatabase, startTestPostgres } from "./template-database.ts";

if (import.meta.main) {
  const [pid = "", answerFile = ""] = Deno.args;
  try {
    await using server = await startTestPostgres();
    await writeAnswer(answerFile, await createTemplateDatabase(server));
    while (isProcessAlive(Number(pid))) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  } catch (error) {
    await writeAnswer(answerFile, String(error));
  }
  await Deno.remove(answerFile).catch(() => {});
}

/** Whole or not at all: the other side polls. */
async function writeAnswer(file: string, answer: string): Promise<void> {
  await Deno.writeTextFile(`${file}.unfinished`, answer);
  await Deno.rename(`${file}.unfinished`, file);
}
