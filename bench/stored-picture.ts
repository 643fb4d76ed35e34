/** What a picture in Storage costs beside one by its URL: no byte of either gets into the worker. */
import { createClient } from "@supabase/supabase-js";
import type { Stack } from "../dev/stack/stack.ts";
import { connect } from "../dev/stack/postgres/connect.ts";
import { serve, type ServeOptions } from "./functions.ts";
import { createMeter } from "./meter.ts";
import { createPicture, type Sent } from "./requests.ts";
import { judge, mean, printTable, toText } from "./table.ts";

const [LIVES, WARM_UP_REQUESTS, REQUESTS] = [8, 8, 20];

/** Budgets over a picture by its URL: CPU of a request, and of memory less than the picture has. */
const [MAX_MORE_CPU_MS, MAX_MORE_MIB] = [2, 2];

const [BUCKET, PATH] = ["bench", "5 MiB.jpg"];

const ROWS: [name: string, sent: Sent][] = [
  ["by its URL", toSent({ image_data: "https://pictures.example.com/5-MiB.jpg" })],
  ["in a private bucket", toSent({ image: { bucket: BUCKET, path: PATH } })],
];

function toSent(picture: object): Sent {
  const body = { ...picture, analysis_type: "general_description", options: { cache: "off" } };
  return {
    body: new TextEncoder().encode(JSON.stringify(body)),
    headers: { "Content-Type": "application/json" },
    query: "",
  };
}

/** Prints the table. */
export async function printStoredPictureCost(token: string, options: ServeOptions): Promise<void> {
  await storePicture(options.stack);
  const lives: { cpuMs: number; memoryMib: number }[][] = ROWS.map(() => []);
  // In turns, so that a noisy minute hits all of them.
  for (let life = 0; life < LIVES; life++) {
    for (const [index, [, sent]] of ROWS.entries()) {
      await using served = await serve("hosted", options);
      const meter = createMeter(served, token);
      await meter.sendMany(WARM_UP_REQUESTS, sent);
      lives[index]!.push({
        memoryMib: await meter.measureMemoryMib(sent),
        cpuMs: await meter.measureCpuMs(REQUESTS, sent),
      });
    }
  }
  const averages = lives.map((measured) => ({
    cpuMs: mean(measured.map(({ cpuMs }) => cpuMs)),
    memoryMib: mean(measured.map(({ memoryMib }) => memoryMib)),
  }));
  const [byUrl] = averages;
  printTable(
    ["", "CPU ms", "more than by its URL", "peak MiB above idle", "more than by its URL"],
    averages.map(({ cpuMs, memoryMib }, index) => {
      const withBudget = (value: number, most: number) =>
        index === 0 ? "" : `${toText(value)} (≤ ${most}: ${judge({ value, most })})`;
      return [
        ROWS[index]![0],
        toText(cpuMs),
        withBudget(cpuMs - byUrl!.cpuMs, MAX_MORE_CPU_MS),
        toText(memoryMib),
        withBudget(memoryMib - byUrl!.memoryMib, MAX_MORE_MIB),
      ];
    }),
  );
}

async function storePicture(stack: Stack): Promise<void> {
  const admin = createClient(stack.apiUrl, stack.secretKey);
  await admin.storage.createBucket(BUCKET, { public: false });
  const { error } = await admin.storage.from(BUCKET)
    .upload(PATH, createPicture(5 * 1024), { contentType: "image/jpeg", upsert: true });
  if (error) throw error;
  const sql = connect(stack.databaseUrl);
  try {
    await sql.unsafe(`
      drop policy if exists bench on storage.objects;
      create policy bench on storage.objects for select to authenticated
        using (bucket_id = '${BUCKET}')`);
  } finally {
    await sql.end();
  }
}
