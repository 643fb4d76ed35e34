/**
 * The local Supabase stack: Postgres, PostgREST, the auth server, the stand-in of Storage, the
 * functions and the Together stand-in behind one gateway, all on 127.0.0.1.
 */
import type { JSONWebKeySet } from "jose";
import { type ClaimOverrides, createAccessTokenSigner } from "./api/access-token.ts";
import { publicKeySet, verificationKeySet } from "./api/api-keys.ts";
import { createAuthServer } from "./api/auth-server.ts";
import { describeStatus } from "./process/child-process.ts";
import {
  createHostedEnvironment,
  findFunctions,
  type FunctionSource,
} from "./functions/functions.ts";
import { startGateway } from "./api/gateway.ts";
import { createStackProcesses, type ProcessCrash } from "./stack-processes.ts";
import { findFreePort } from "./process/ports.ts";
import { localServer } from "./postgres/postgres.ts";
import { projectDirectory } from "./process/project-paths.ts";
import { type LogLine, resolvePorts, type StackLog, type StackOptions } from "./stack-options.ts";
import { exemptLoopbackFromProxies } from "./api/proxy-variables.ts";
import { openStackState } from "./stack-state.ts";
import { startDatabase } from "./start-database.ts";
import { startFunctions } from "./start-functions.ts";
import { createStorageServer } from "./storage/storage-server.ts";

export type { LogLine, StackOptions } from "./stack-options.ts";

/** A running stack. */
export interface Stack extends AsyncDisposable {
  /** What `createClient` of supabase-js takes as URL. */
  readonly apiUrl: string;
  /** Connection string as `postgres`, the role of migrations. */
  readonly databaseUrl: string;
  readonly publishableKey: string;
  /** The secret key named `default`. */
  readonly secretKey: string;
  /** All secret keys by name. */
  readonly secretKeys: Record<string, string>;
  /** Legacy keys. */
  readonly anonKey: string;
  readonly serviceRoleKey: string;
  /** The public keys of users' tokens. */
  readonly jwks: JSONWebKeySet;
  /** The stand-in's `TOGETHER_BASE_URL`; undefined where none was started. */
  readonly standInUrl: string | undefined;
  readonly functionNames: string[];
  /** A user's token with these claims in place of the usual ones, valid or not. */
  signUserToken(overrides?: ClaimOverrides): Promise<string>;
  /** The last lines that were printed, oldest first; of one source when it is named. */
  logs(source?: string): LogLine[];
  /** Names of the running processes: `postgres`, `postgrest`, `together`, the functions. */
  processNames(): string[];
  /** Id of a process, to kill it from outside. */
  processPid(name: string): number;
  /** Ends one process and keeps the rest running. */
  stopProcess(name: string): Promise<void>;
  /** The same by SIGKILL, with whatever it is doing. */
  killProcess(name: string): Promise<void>;
  /** Starts a process again, ending it first where it runs. */
  restartProcess(name: string): Promise<void>;
  /** Resolves when the stack has stopped; with the crash if a process ended unasked. */
  readonly finished: Promise<ProcessCrash | undefined>;
  /** Ends all processes. Idempotent; resolves when they are gone. */
  stop(): Promise<void>;
}

const keptLogLines = 5_000;

/**
 * Starts a stack. Everything that was started is stopped again when a process doesn't start.
 *
 * @throws {PortTakenError} when a fixed port is taken
 * @throws {StackRunningError} when this folder's kept data is in use
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  exemptLoopbackFromProxies();
  await using cleanUp = new AsyncDisposableStack(); // runs its steps backwards
  const state = cleanUp.use(await openStackState(options));
  const ports = resolvePorts(options.ports);
  const { keys } = state;

  const logLines: LogLine[] = [];
  const log: StackLog = (source) => ({
    onLine: (line) => {
      logLines.push({ source, line });
      if (logLines.length > keptLogLines) logLines.shift();
      options.onLog?.({ source, line });
    },
  });
  const crashed = Promise.withResolvers<ProcessCrash>();
  const processes = createStackProcesses(crashed.resolve);
  cleanUp.defer(() => processes.stopAll("postgres"));

  const gateway = startGateway({ port: ports.gateway });
  cleanUp.defer(gateway.stop);

  const databasePort = ports.database || findFreePort();
  const server = options.postgres ?? localServer(databasePort);
  const databaseName = options.databaseName ?? "postgres";
  const databaseUrl = server.url(databaseName, "postgres");
  const functionSources = options.functions ?? await listFunctions(options.functionsDirectory);

  const signer = await createAccessTokenSigner({ keys, issuer: `${gateway.url}/auth/v1` });
  const jwks = publicKeySet(keys);
  const auth = createAuthServer({
    databaseUrl: server.url(databaseName, "supabase_auth_admin"),
    signer,
    jwks,
    ...log("auth"),
  });
  cleanUp.defer(auth.stop);
  const storage = createStorageServer({
    databaseUrl: server.url(databaseName, "supabase_storage_admin"),
    folder: state.storageDirectory,
    jwks: verificationKeySet(keys),
    signingSecret: keys.legacySecret,
    ...log("storage"),
  });
  cleanUp.defer(storage.stop);
  const [restUrl, functions] = await Promise.race([
    allOrFirstError([
      startDatabase({ ...options, state, server, databaseName, databasePort, processes, log }),
      startFunctions({
        ...options,
        sources: functionSources,
        hostedEnvironment: createHostedEnvironment({ keys, apiUrl: gateway.url, databaseUrl }),
        processes,
        log,
      }),
    ]),
    crashed.promise.then((crash) => {
      throw new Error(describeCrash(crash));
    }),
    rejectWhenAborted(options.signal),
  ]);
  gateway.open({
    keys,
    signer,
    auth,
    storage,
    restUrl,
    functionUrl: functions.url,
  });

  const started = cleanUp.move();
  let stopping: Promise<void> | undefined;
  const stop = () => stopping ??= started.disposeAsync();
  const finished = Promise.withResolvers<ProcessCrash | undefined>();
  crashed.promise.then(async (crash) => {
    await stop();
    finished.resolve(crash);
  });
  const stopAndFinish = async () => {
    await stop();
    finished.resolve(undefined);
  };
  return {
    apiUrl: gateway.url,
    databaseUrl,
    publishableKey: keys.publishable.default,
    secretKey: keys.secret.default,
    secretKeys: keys.secret,
    anonKey: keys.anon,
    serviceRoleKey: keys.serviceRole,
    jwks,
    standInUrl: functions.standInUrl,
    functionNames: functionSources.map(({ name }) => name),
    signUserToken: signer.signUserToken,
    logs: (source) => logLines.filter((log) => source === undefined || log.source === source),
    processNames: processes.names,
    processPid: (name) => processes.process(name).pid,
    stopProcess: processes.stop,
    killProcess: processes.kill,
    restartProcess: processes.restart,
    finished: finished.promise,
    stop: stopAndFinish,
    [Symbol.asyncDispose]: stopAndFinish,
  };
}

/** Says which process ended unasked, how, and what it printed last. */
export function describeCrash({ name, status, lastLines }: ProcessCrash): string {
  return [`"${name}" ended unexpectedly (${describeStatus(status)})`, ...lastLines].join("\n");
}

async function listFunctions(
  directory = `${projectDirectory}/supabase/functions`,
): Promise<FunctionSource[]> {
  const names = await findFunctions(directory);
  return names.map((name) => ({ name, folder: `${directory}/${name}` }));
}

function rejectWhenAborted(signal?: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Like Promise.all, but waits for the others before it fails, so that none is left half started. */
async function allOrFirstError<A, B>(promises: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}
