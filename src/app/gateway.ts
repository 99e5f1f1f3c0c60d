import { once } from "node:events";
import type { EntryAnswer, EntryQuestion } from "#config/entries/answer.ts";
import type { ListenPlace } from "#model/definition.ts";
import type { Loaded, ReadResult } from "./definition/read-result.ts";
import type { LogLevel } from "#model/logs.ts";
import type { KekSource } from "./seal/kek-source.ts";
import { tellServiceManager } from "./service-manager.ts";
import { startGateway } from "./start/start-gateway.ts";
import type { WorkerReserve } from "./worker-reserve.ts";

/** Reads the definition. `texts` stand in for files, by absolute path: what a change would make of it. */
export type LoadDefinition = (texts?: ReadonlyMap<string, string>) => Promise<ReadResult>;

export interface GatewayOptions {
  /** The definition's own file, absolute. */
  readonly file: string;
  readonly loaded: Loaded;
  /** Called on SIGHUP, when one of its files changes, and for changes through the admin API. */
  readonly load: LoadDefinition;
  /** Reads or changes single entries of the definition's text. */
  readonly entry: (text: string, question: EntryQuestion) => Promise<EntryAnswer>;
  readonly dataPath: string;
  /** Where the key-encryption key is. Default: as without `--kek`. */
  readonly kek?: KekSource;
  readonly logLevel: LogLevel;
  /** Default: one a core. */
  readonly workers?: number;
  /** Threads that have read their code already. Default: none. */
  readonly reserve?: WorkerReserve;
  readonly onReady: (ready: ReadyInfo) => void;
  /** A changed definition is in force on every worker. */
  readonly onReload?: () => void;
}

export interface ReadyInfo {
  /** The one line that scripts wait for: `sallyport ready https://localhost:8443 …`, or `unix:/path` where there is no port. */
  readonly summary: string;
  readonly url: string;
  readonly http: readonly ListenPlace[];
  readonly https: readonly ListenPlace[];
  /** PEM file of the internal CA's root; undefined when TLS is off. */
  readonly rootCertificate: string | undefined;
}

/** Runs a gateway in the foreground: SIGHUP reloads; SIGINT and SIGTERM finish what is in flight and end; a second one ends at once. */
export async function runGateway(options: GatewayOptions): Promise<void> {
  const listening = new AbortController();
  const stopped = stopRequested(listening.signal);
  // A start that fails must not leave handlers behind: they would keep the process alive, deaf to SIGTERM.
  const gateway = await startGateway(options).catch((error: unknown) => {
    listening.abort();
    throw error;
  });
  const onHangUp = (): void => void gateway.reload("SIGHUP");
  process.on("SIGHUP", onHangUp);
  options.onReady(gateway.ready);
  void tellServiceManager(process.env, "READY=1", `STATUS=${gateway.ready.summary}`);
  const isBroken = await Promise.race([stopped.then(() => false), gateway.broken.then(() => true)]);
  listening.abort();
  if (isBroken) process.exitCode = 1;
  process.off("SIGHUP", onHangUp);
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  void tellServiceManager(process.env, "STOPPING=1", "STATUS=finishing what is in flight");
  await gateway.stop();
}

async function stopRequested(signal: AbortSignal): Promise<void> {
  // The launcher's channel closes when it dies without a signal: no gateway is left behind.
  const events = ["SIGINT", "SIGTERM", "disconnect"].map((name) => once(process, name, { signal }).catch(() => {}));
  await Promise.race(events);
}
