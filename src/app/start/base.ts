import { randomBytes } from "node:crypto";
import { availableParallelism, hostname } from "node:os";
import { resolve } from "node:path";
import { MetricRegistry } from "#admin/metrics/registry.ts";
import { createUuid7 } from "#lib/uuid7.ts";
import type { Clock, Random } from "#model/ports.ts";
import { createClock } from "#threads/clock.ts";
import { TimerWheel } from "#wire/timer-wheel.ts";
import { BackgroundKeeper } from "#app/background/keeper.ts";
import { type DataDirectory, openDataDirectory } from "#app/data-directory.ts";
import type { GatewayOptions } from "#app/gateway.ts";
import { createJsonLog, type JsonLog } from "#app/log.ts";
import { compiledOf } from "#app/reloader.ts";
import { takeKekSource } from "#app/seal/kek-source.ts";
import { openSecrets, type Secrets } from "#app/seal/open-secrets.ts";
import { InForce } from "./in-force.ts";

/** What every part of a gateway is started with. */
export interface Base {
  readonly options: GatewayOptions;
  /** Parts that were started are stopped by it, the last one first. */
  readonly undo: AsyncDisposableStack;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: JsonLog;
  readonly metrics: MetricRegistry;
  readonly wheel: TimerWheel;
  readonly newId: () => string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly node: string;
  /** How many there are. */
  readonly workers: number;
  readonly data: DataDirectory;
  readonly secrets: Secrets;
  readonly background: BackgroundKeeper;
  readonly inForce: InForce;
  /** Resolved when the gateway cannot go on. */
  readonly broken: PromiseWithResolvers<void>;
}

const random: Random = { bytes: (count) => randomBytes(count) };

/**
 * Takes the data folder and opens its secrets.
 * @throws GatewayError `definition-invalid`, `data-locked`, `seal-key-missing`, `seal-key-refused`, `seal-key-wrong`, `seal-broken`
 */
export async function openBase(options: GatewayOptions, undo: AsyncDisposableStack): Promise<Base> {
  const clock = createClock();
  const startedAt = clock.now();
  const { definition } = options.loaded;
  const inForce = new InForce(definition, compiledOf(options.loaded));
  let background: BackgroundKeeper | null = null;
  const write = (line: string): void => {
    process.stderr.write(`${line}\n`);
    background?.line(line);
  };
  const log = createJsonLog(write, clock.now, options.logLevel, (text) => inForce.redaction.text(text, null).text);
  const data = openDataDirectory(resolve(options.dataPath));
  undo.defer(() => data.unlock());
  const secrets = await openSecrets(data.path, {
    kek: options.kek ?? takeKekSource(undefined, process.env),
    // There a key made in passing would be lost with a home folder that is, and all that is sealed under it.
    mayMake: !definition.production,
    clock,
    random,
    log,
  });
  const compress = inForce.compiled.control.audit.compress === "zstd";
  const { auditPath: directory, indexPath, logsPath } = data;
  background = new BackgroundKeeper({ directory, indexPath, logsPath, compress }, log);
  undo.defer(() => background.close());
  const wheel = new TimerWheel(clock);
  undo.defer(() => wheel.close());
  const workers = options.workers ?? availableParallelism();
  const newId = createUuid7(randomBytes, clock.now);
  const broken = Promise.withResolvers<void>();
  const tools = { clock, random, log, metrics: new MetricRegistry(), wheel, newId, startedAt };
  return { ...tools, options, undo, node: hostname(), workers, data, secrets, background, inForce, broken };
}
