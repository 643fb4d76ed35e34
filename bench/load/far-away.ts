/**
 * Servers of this machine as a worker meets them that is some way off: behind TLS, and each way takes its
 * time. Bandwidth is not bounded, and a connection does not have to grow into it.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { loopback } from "../../dev/stack/process/ports.ts";
import { runCommand } from "../../dev/stack/process/run-command.ts";

/** What a byte takes from one side to the other. */
export const ONE_WAY_MS = 15;

/** The certificate of all servers that are far away. */
export interface Certificate {
  /** PEM: what `DENO_CERT` names for those who connect. */
  certFile: string;
  cert: string;
  key: string;
}

/** Makes a certificate for 127.0.0.1, signed by itself. */
export async function createCertificate(folder: string): Promise<Certificate> {
  const [certFile, keyFile] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  await runCommand({
    name: "openssl",
    command: "openssl",
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-keyout", keyFile, "-out", certFile, "-days", "2", "-subj", "/CN=bench"],
      // A certificate that may sign others is not taken for a server's.
      ...["-addext", `subjectAltName=IP:${loopback}`, "-addext", "basicConstraints=CA:FALSE"],
    ],
  });
  const [cert, key] = await Promise.all([certFile, keyFile].map((file) => Deno.readTextFile(file)));
  return { certFile, cert: cert!, key: key! };
}

/** A running server that is far away. */
export interface FarServer extends AsyncDisposable {
  /** `https://127.0.0.1:…`, without a path. */
  readonly url: string;
}

/**
 * Places a server far away, where it speaks HTTP/2 as hosted projects and Together do.
 *
 * @param url `http://127.0.0.1:…` of a server that takes HTTP/2 without TLS too, as those of Deno do.
 */
export async function placeFarAway(url: string, { cert, key }: Certificate): Promise<FarServer> {
  // Node's, because these can be told to send what is small at once.
  const options = { cert, key, ALPNProtocols: ["h2", "http/1.1"], noDelay: true };
  const tls = createTlsServer(options, (socket) => {
    const target = connectTo(Number(new URL(url).port));
    socket.on("error", () => target.destroy());
    socket.pipe(target).pipe(socket);
  });
  const tlsPort = await listen(tls);
  const delaying = createServer({ noDelay: true }, (socket) => {
    // The system connects at once; the answer of a server that is far away would be waited for.
    const openedMs = performance.now() + 2 * ONE_WAY_MS;
    const target = connectTo(tlsPort);
    carry(socket, target, openedMs);
    carry(target, socket, openedMs);
  });
  return {
    url: `https://${loopback}:${await listen(delaying)}`,
    async [Symbol.asyncDispose]() {
      for (const server of [delaying, tls]) await new Promise((resolve) => server.close(resolve));
    },
  };
}

function connectTo(port: number): Socket {
  return connect({ host: loopback, port, noDelay: true }).on("error", () => {});
}

async function listen(server: Server): Promise<number> {
  server.listen(0, loopback);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Carries each chunk in its order, so long after it was sent. */
function carry(from: Socket, to: Socket, openedMs: number): void {
  let last = Promise.resolve();
  from.on("data", (chunk) => {
    const arrivesMs = Math.max(performance.now(), openedMs) + ONE_WAY_MS;
    const before = last;
    last = waitUntil(arrivesMs).then(() => before).then(() => void to.write(chunk));
  });
  // Workers go without a word.
  from.on("error", () => to.destroy());
  from.on("close", () => last.then(() => to.end()));
}

async function waitUntil(ms: number): Promise<void> {
  const leftMs = ms - performance.now();
  if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
}
