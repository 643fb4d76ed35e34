/** Serves the stand-in on 127.0.0.1: `deno run -A dev/together-stand-in/main.ts [--port N]`. */

import { createStandIn } from "./server.ts";

const port = parsePort(Deno.args);
if (port === null) {
  console.error(
    `Cannot use the arguments "${Deno.args.join(" ")}", expected "--port <0 to 65535>"`,
  );
  Deno.exit(2);
}

const standIn = createStandIn({ log: console.error });
const server = Deno.serve({
  hostname: "127.0.0.1",
  port,
  onListen: (address) => console.log(`listening on http://127.0.0.1:${address.port}/v1`),
}, standIn.fetch);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, async () => {
    standIn.stop();
    await server.shutdown();
    Deno.exit(0);
  });
}

/** The port to listen on (0, a free one, by default), or null if the arguments make no sense. */
function parsePort(args: readonly string[]): number | null {
  if (args.length === 0) return 0;
  const [name, value = ""] = args;
  if (args.length !== 2 || name !== "--port" || !/^\d{1,5}$/.test(value)) return null;
  return Number(value) <= 65_535 ? Number(value) : null;
}
