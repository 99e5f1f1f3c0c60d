import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { RevocationReason } from "#model/revocation.ts";
import type { AcmeSettings } from "#model/certificates.ts";
import type { Meter } from "#model/metrics.ts";
import type { Clock, Egress, Log, Random } from "#model/ports.ts";
import type { EdgeCertificate } from "#edge/edge-types.ts";
import { CertificateTree } from "#edge/managed/certificate-tree.ts";
import type { ChallengeBoard } from "#edge/managed/challenge-board.ts";
import type { ManagedName } from "#edge/managed/managed-name.ts";
import { CertificateManager } from "#edge/managed/manager.ts";
import { OnDemand } from "#edge/managed/on-demand.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import { SharedAnswers } from "#edge/managed/shared-answers.ts";
import { meansOf } from "./acme-means.ts";
import { openSharedStorage } from "./seal/shared-storage.ts";
import { settingsPrint } from "./settings-print.ts";

export interface ManagedCertificatesOptions {
  readonly dataPath: string;
  /** For what is in the data folder. */
  readonly secrets: SecretFiles;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  readonly board: ChallengeBoard;
  readonly egress: (ca: string | null) => Egress;
  /** Some API answers on the host. */
  readonly isServed: (name: string) => boolean;
  /** A certificate came, or its state changed. */
  readonly onChange: () => void;
}

interface StoragePlace {
  readonly path: string;
  readonly files: SecretFiles;
}

/** Certificates of public authorities, under the settings in force. */
export class ManagedCertificates {
  readonly #options: ManagedCertificatesOptions;
  #print = "";
  #manager: CertificateManager | null = null;
  #onDemand: OnDemand | null = null;
  #stopping = new AbortController();
  #started = false;

  constructor(options: ManagedCertificatesOptions) {
    this.#options = options;
  }

  /**
   * Takes other settings. Orders under way go on, unless how certificates are had has changed: then they are taken up anew.
   * @throws GatewayError `seal-key-missing`, `seal-key-wrong` before anything has changed
   */
  async apply(settings: AcmeSettings | null): Promise<void> {
    const print = settingsPrint(settings === null ? null : { ...settings, names: [] });
    const changed = print !== this.#print;
    const place = changed && settings !== null ? await this.#open(settings) : null;
    if (changed) {
      this.#manager?.stop();
      this.#stopping.abort();
      this.#stopping = new AbortController();
      this.#onDemand = null;
      this.#manager = settings === null || place === null ? null : this.#create(settings, place);
    }
    if (settings !== null) await this.#manager?.setNames(settings.names, changed && this.#print !== "");
    this.#print = print;
    if (changed && this.#started) this.#manager?.start();
  }

  /** From now on certificates are ordered: the workers can answer challenges. */
  start(): void {
    this.#started = true;
    this.#manager?.start();
  }

  get names(): readonly ManagedName[] {
    return this.#manager?.names ?? [];
  }

  /** Orders another certificate now. @returns false when there is no such name here */
  async replace(name: string, revoke: RevocationReason | null): Promise<boolean> {
    return (await this.#manager?.replace(name, revoke)) ?? false;
  }

  /** For a name that came in a handshake; null when there is none, or not yet. */
  certificateFor(name: string): Promise<EdgeCertificate | null> {
    return this.#onDemand?.certificateFor(name) ?? Promise.resolve(null);
  }

  certificates(): readonly EdgeCertificate[] {
    return this.names.flatMap(({ name, certificate }) =>
      certificate === null ? [] : [{ hosts: [name], certPem: certificate.chainPem, keyPem: certificate.keyPem }],
    );
  }

  stop(): void {
    this.#manager?.stop();
    this.#stopping.abort();
  }

  async #open({ storage, storageKey }: AcmeSettings): Promise<StoragePlace> {
    const { dataPath, secrets, random, log } = this.#options;
    if (storage === null) return { path: join(dataPath, "certificates"), files: secrets };
    return { path: storage, files: await openSharedStorage(storage, storageKey, { random, log }) };
  }

  #create(settings: AcmeSettings, { path: storage, files }: StoragePlace): CertificateManager {
    const { clock, random, log, meter, board, egress, onChange } = this.#options;
    const { signal } = this.#stopping;
    const tree = new CertificateTree(storage, random, log, files);
    const pause = (ms: number): Promise<void> => wait(ms, undefined, { signal, ref: false });
    const shared = settings.storage === null ? null : new SharedAnswers(storage, files, pause, log);
    // It ends with the settings: the pause rejects then.
    void shared?.watch(clock.now, (pending) => board.setOthers(pending)).catch(() => {});
    const manager = new CertificateManager({
      means: meansOf(settings, { board, shared, tree, egress, clock, random, pause, log, meter }),
      tree,
      locks: { shared: shared !== null, pause },
      clock,
      fraction: () => Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32,
      log,
      onChange: () => {
        if (!signal.aborted) onChange();
      },
      stopping: () => signal.aborted,
    });
    const { isServed } = this.#options;
    this.#onDemand =
      settings.onDemand === null
        ? null
        : new OnDemand({ settings: settings.onDemand, manager, isServed, egress: egress(null), clock, pause, log });
    return manager;
  }
}
