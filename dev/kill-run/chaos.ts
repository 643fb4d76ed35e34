/** What goes wrong during a kill run: workers are killed, and Postgres is restarted. */
import { pause } from "../../supabase/functions/_shared/platform/http/pause.ts";
import type { Stack } from "../stack/stack.ts";
import type { KilledHolds } from "./killed-holds.ts";

/** How often workers are killed and Postgres is restarted. */
export interface ChaosOptions {
  /** Seconds between two kills, at least and at most. */
  killEverySeconds: [number, number];
  /** Of the kills, but for those by deadly pictures. */
  mostKills?: number;
  postgresRestarts: number;
  /** In [0, 1). */
  random: () => number;
  holds: KilledHolds;
  /** Ends it. */
  signal: AbortSignal;
  onProgress?: (message: string) => void;
}

/** What goes wrong, going on until its signal aborts. */
export interface Chaos {
  /** Something is down that a caller needs; else how often something has been. */
  disturbances(): number | null;
  /** Milliseconds since something was last down; 0 while something is. */
  calmForMs(): number;
  /** Kills semantic-analysis in the middle of what it does, besides the other kills. */
  killAnalysis(): Promise<void>;
  /** Resolves when all runs again. */
  finish(): Promise<{ kills: number; deadlyKills: number; postgresRestarts: number }>;
}

const KILLED = ["semantic-analysis", "analyse-catalogue"] as const;

/** PostgREST looks for a Postgres that was gone every second, then less often. */
const RECONNECT_MS = 60_000;

/** Kills the two functions in turn, and restarts Postgres after each third kill, a few times. */
export function startChaos(stack: Stack, options: ChaosOptions): Chaos {
  const { mostKills = Infinity, postgresRestarts, random, holds, signal } = options;
  const { killEverySeconds: [least, most], onProgress = () => {} } = options;
  let kills = 0;
  let deadlyKills = 0;
  let restarts = 0;
  let disturbances = 0;
  let down = 0;
  let calmSinceMs = -Infinity;
  let last: Promise<void> = Promise.resolve();

  /** One at a time: what is down can't be killed. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    return last = last.then(async () => {
      down++;
      disturbances++;
      await work().finally(() => {
        down--;
        calmSinceMs = performance.now();
      });
    });
  }

  async function kill(name: typeof KILLED[number]): Promise<void> {
    await stack.killProcess(name);
    if (name === "semantic-analysis") await holds.remember();
    await stack.restartProcess(name);
  }

  async function restartPostgres(): Promise<void> {
    onProgress("restarting Postgres");
    await stack.restartProcess("postgres");
    await waitUntilReconnected(stack);
  }

  const working = (async () => {
    while (kills < mostKills) {
      await pause((least + random() * (most - least)) * 1000, signal);
      if (signal.aborted) return;
      if (kills > 0 && kills % 3 === 0 && restarts < Math.min(postgresRestarts, kills / 3)) {
        restarts++;
        await inTurn(restartPostgres);
      }
      const name = KILLED[kills % KILLED.length]!;
      kills++;
      onProgress(`killing ${name}`);
      await inTurn(() => kill(name));
    }
  })();

  return {
    disturbances: () => down > 0 ? null : disturbances,
    calmForMs: () => down > 0 ? 0 : performance.now() - calmSinceMs,
    killAnalysis: () => {
      deadlyKills++;
      onProgress("a deadly picture kills semantic-analysis");
      return inTurn(() => kill("semantic-analysis"));
    },
    async finish() {
      await working;
      await last;
      return { kills, deadlyKills, postgresRestarts: restarts };
    },
  };
}

/** Resolves once the functions reach the database again. */
async function waitUntilReconnected({ apiUrl, secretKey }: Stack): Promise<void> {
  const endMs = performance.now() + RECONNECT_MS;
  while (performance.now() < endMs) {
    const response = await fetch(`${apiUrl}/functions/v1/analyse-catalogue`, {
      headers: { apikey: secretKey },
    }).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok) return;
    await pause(250);
  }
  throw new Error("The functions did not find Postgres again");
}
