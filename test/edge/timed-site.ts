import { randomBytes, type X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { meansOf } from "#app/acme-means.ts";
import { run, systemClock } from "#edge/harness.test.ts";
import { CertificateTree } from "#edge/managed/certificate-tree.ts";
import { plainFiles } from "#edge/secret-files.ts";
import { ChallengeBoard } from "#edge/managed/challenge-board.ts";
import type { ManagedName } from "#edge/managed/managed-name.ts";
import { type Alarm, CertificateManager } from "#edge/managed/manager.ts";
import type { AcmeIssuer, AcmeSettings } from "#model/certificates.ts";
import type { Clock, Log } from "#model/ports.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { visit } from "./https-site.ts";

/** The gateway's certificates and its edge, where the authorities are real and the time is the test's. */
export interface TimedSite {
  readonly clock: Clock;
  readonly managed: ManagedName;
  readonly manager: CertificateManager;
  readonly tree: CertificateTree;
  /** What was ever served, by serial number. */
  readonly served: ReadonlySet<string>;
  /** Lines of the log. */
  readonly logged: readonly string[];
  /** Failures that were counted, by issuer. */
  readonly failed: readonly string[];
  /** No answer to a challenge reaches the edge. */
  mute: boolean;
  /** So much time is over, and nobody has looked; less than nothing: the clock was wrong. */
  skip(ms: number): void;
  /** Lets time pass as the gateway's own timers say, until it holds. @returns the milliseconds that have passed */
  passUntil(holds: () => boolean, most: number): Promise<number>;
  /** What a visitor gets who trusts this root. */
  visit(root: string): Promise<X509Certificate | undefined>;
  stop(): Promise<void>;
}

export interface TimedSiteOptions {
  readonly name: string;
  readonly issuers: readonly (Pick<AcmeIssuer, "directory" | "ca"> & Partial<AcmeIssuer>)[];
  readonly httpPort: number;
  readonly tlsPort: number;
}

interface Pending {
  readonly run: () => void;
  readonly ms: number;
}

export async function openTimedSite({ name, issuers, httpPort, tlsPort }: TimedSiteOptions): Promise<TimedSite> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-timed-"));
  let later = 0;
  const clock: Clock = { now: () => Date.now() + later, mono: () => performance.now() + later };
  let pending: Pending | null = null;
  const alarm: Alarm = (call, ms) => {
    const own = { run: call, ms };
    pending = own;
    return () => {
      if (pending === own) pending = null;
    };
  };
  const [served, logged, failed]: [Set<string>, string[], string[]] = [new Set(), [], []];
  const line = (message: string, fields?: object): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { info: line, warn: line, error: line };
  const random = { bytes: (count: number) => randomBytes(count) };
  const pause = (ms: number): Promise<void> => sleep(ms);
  const edge = await run({
    tls: "internal",
    http: [{ host: "127.0.0.1", port: httpPort }],
    https: [{ host: "127.0.0.1", port: tlsPort }],
    edge: { ticketKeys: randomBytes(48) },
  });
  const board = new ChallengeBoard(async (challenges) => {
    if (!site.mute) edge.edge.setChallenges(challenges);
  }, clock);
  const settings: AcmeSettings = {
    issuers: issuers.map((issuer) => ({
      name: new URL(issuer.directory).host,
      staging: null,
      eab: null,
      profile: null,
      preferredChain: null,
      ...issuer,
    })),
    email: null,
    challenges: ["http-01"],
    dns: null,
    onDemand: null,
    keyType: "p256",
    storage: null,
    storageKey: null,
    names: [name],
  };
  const tree = new CertificateTree(folder, random, log, plainFiles(random));
  const egress = (ca: string | null): ReturnType<typeof createEgress> =>
    createEgress({ allow: [], ownAddresses: [], clock: systemClock, ca });
  const meter = {
    add: (_: string, labels: Readonly<Record<string, string>>) => void failed.push(labels["issuer"] ?? ""),
  };
  const manager = new CertificateManager(
    {
      means: meansOf(settings, { board, shared: null, tree, egress, clock, random, pause, log, meter }),
      tree,
      locks: { shared: false, pause },
      clock,
      fraction: () => 0.5,
      log,
      onChange: () => serve(),
      stopping: () => false,
    },
    alarm,
  );
  const serve = (): void => {
    const certificate = manager.find(name)?.certificate;
    if (certificate === null || certificate === undefined || served.has(certificate.serial)) return;
    served.add(certificate.serial);
    edge.edge.setCertificates([{ hosts: [name], certPem: certificate.chainPem, keyPem: certificate.keyPem }]);
  };
  /** The one alarm that there is: the manager sets the next when a look has come to its end. */
  const nextAlarm = async (): Promise<Pending> => {
    for (; pending === null; await sleep(2));
    const next: Pending = pending;
    pending = null;
    return next;
  };
  await manager.setNames(settings.names);
  manager.start();
  const managed = manager.find(name) as ManagedName;
  const site: TimedSite = {
    clock,
    managed,
    manager,
    tree,
    served,
    logged,
    failed,
    mute: false,
    skip: (ms) => void (later += ms),
    passUntil: async (holds, most) => {
      const began = clock.now();
      for (let next = await nextAlarm(); ; next = await nextAlarm()) {
        pending = next;
        if (holds()) return clock.now() - began;
        if (clock.now() + next.ms - began > most)
          throw new Error(`it did not come true:\n${logged.slice(-10).join("\n")}`);
        pending = null;
        later += next.ms;
        next.run();
      }
    },
    visit: (root) => visit(edge.https, name, root),
    stop: async () => {
      manager.stop();
      await edge.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return site;
}
