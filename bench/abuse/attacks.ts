/** What an unfriendly caller does, over and over, with nothing but anonymous sign-ups. */
import { Buffer } from "node:buffer";
import { createPicture, FORMS, type Sent } from "../requests.ts";

/** Where an attack goes, and as whom. */
export interface Target {
  analysisUrl: string;
  searchUrl: string;
  restUrl: string;
  publishableKey: string;
  /** Tokens of two anonymous users. */
  tokens: readonly [string, string];
  /** The search's function in SQL. */
  searchFunction: string;
}

/** Goes on until the signal aborts; never throws. */
export type Attack = (target: Target, signal: AbortSignal) => Promise<void>;

/** As many at a time as one unfriendly caller easily has. */
const PARALLEL = 8;

const SILENT_CONNECTIONS = 30;

/** The largest body of JSON with a picture: three of them fill what a worker takes at a time. */
const ANNOUNCED_BYTES = 8_450_000;

/** Each goes on until its signal aborts. */
export const ATTACKS: Record<string, Attack> = {
  "none": async (_, signal) => await untilAborted(signal),

  "30 silent connections that announce the most": async (target, signal) => {
    await Promise.all(
      Array.from(
        { length: SILENT_CONNECTIONS },
        (_, index) => repeat(signal, () => sendAndFallSilent(target, index % 2, 15, signal)),
      ),
    );
  },

  "30 bodies that are nearly complete": async (target, signal) => {
    await Promise.all(
      Array.from(
        { length: SILENT_CONNECTIONS },
        (_, index) => repeat(signal, () => sendAndFallSilent(target, index % 2, 8_400_000, signal)),
      ),
    );
  },

  "8 MB of empty objects": (target, signal) =>
    sendAgain(target.analysisUrl, target, signal, {
      path: "/semantic-analysis",
      ...json(`{"image_data":"AAAA","x":[${"{},".repeat(2_700_000)}{}]}`),
    }),

  "1 MB of bad filters": (target, signal) =>
    sendAgain(target.searchUrl, target, signal, {
      path: "/visual-search",
      ...json(JSON.stringify({
        query_text: "oak",
        search_type: "semantic_analysis",
        filters: {
          property_filters: Object.fromEntries(
            Array.from({ length: 60_000 }, (_, index) => [`filter${index}`, [[{}]]]),
          ),
        },
      })),
    }),

  "a search with 60,000 list items, in SQL": (target, signal) =>
    callSearch(target, signal, {
      p_query_text: "oak",
      p_property_filters: { finish: Array.from({ length: 60_000 }, (_, index) => `x${index}`) },
    }),

  "a search for 8 MB of words, in SQL": (target, signal) =>
    callSearch(target, signal, { p_query_text: "wood oak ".repeat(900_000) }),

  "pictures on which the provider fails": async (target, signal) => {
    let count = 0;
    await parallel(signal, async () => {
      // Another picture each time, of the size that the upstream fails on.
      const picture = createPicture(16);
      picture.set([0x01, 0x04, 0x01, 0x04], 6);
      await post(target.analysisUrl, target.tokens[count++ % 2]!, FORMS.json(picture), signal);
    });
  },

  "bad requests": (target, signal) =>
    sendAgain(target.analysisUrl, target, signal, {
      path: "/semantic-analysis",
      ...json('{"image_data":"not base64"}'),
    }),
};

function json(text: string): Sent {
  return {
    body: new TextEncoder().encode(text),
    headers: { "Content-Type": "application/json" },
    query: "",
  };
}

async function sendAgain(url: string, target: Target, signal: AbortSignal, sent: Sent) {
  let count = 0;
  await parallel(signal, () => post(url, target.tokens[count++ % 2]!, sent, signal));
}

async function post(url: string, token: string, sent: Sent, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${url}${sent.path ?? "/semantic-analysis"}${sent.query}`, {
    method: "POST",
    headers: { ...sent.headers, Authorization: `Bearer ${token}` },
    body: sent.body,
    signal,
  });
  await response.body?.cancel();
}

async function callSearch(target: Target, signal: AbortSignal, parameters: object) {
  const { restUrl, searchFunction, publishableKey, tokens } = target;
  const body = JSON.stringify(parameters);
  await parallel(signal, async () => {
    const response = await fetch(`${restUrl}/rpc/${searchFunction}`, {
      method: "POST",
      headers: {
        "apikey": publishableKey,
        "Authorization": `Bearer ${tokens[0]}`,
        "Content-Type": "application/json",
      },
      body,
      signal,
    });
    await response.body?.cancel();
  });
}

/** A connection of its own that announces 8 MB, sends some of it and nothing more. */
async function sendAndFallSilent(
  { analysisUrl, tokens }: Target,
  user: number,
  byteCount: number,
  signal: AbortSignal,
): Promise<void> {
  const { hostname, port } = new URL(analysisUrl);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const close = () => connection.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    await writeAll(
      connection,
      Buffer.from(
        `POST /semantic-analysis HTTP/1.1\r\nHost: ${hostname}\r\n` +
          `Authorization: Bearer ${tokens[user]}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${ANNOUNCED_BYTES}\r\n\r\n` +
          `{"image_data":"${"A".repeat(byteCount)}`,
      ),
    );
    // Until the server has had enough of it.
    while (await connection.read(new Uint8Array(4_096)) !== null);
  } finally {
    signal.removeEventListener("abort", close);
  }
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.byteLength > 0;) rest = rest.subarray(await connection.write(rest));
}

async function parallel(signal: AbortSignal, attack: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: PARALLEL }, () => repeat(signal, attack)));
}

async function repeat(signal: AbortSignal, attack: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await attack();
    } catch {
      // A refused or lost connection is tried again, a moment later.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
