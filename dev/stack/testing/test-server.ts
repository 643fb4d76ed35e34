/** Serves the template to one test process: `test-server.ts <its pid> <file for the template's URL>`. */
import { pause } from "../../../supabase/functions/_shared/platform/http/pause.ts";
import { isProcessAlive } from "../process/process-list.ts";
import { createTemplateDatabase, startTestPostgres } from "./template-database.ts";

if (import.meta.main) {
  const [pid = "", urlFile = ""] = Deno.args;
  try {
    await using server = await startTestPostgres();
    await writeWhole(urlFile, await createTemplateDatabase(server));
    while (isProcessAlive(Number(pid))) {
      await pause(250);
    }
  } catch (error) {
    await writeWhole(urlFile, String(error));
  }
  await Deno.remove(urlFile).catch(() => {});
}

/** The test process polls the file: it must never see a part of the text. */
async function writeWhole(file: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${file}.unfinished`, text);
  await Deno.rename(`${file}.unfinished`, file);
}
