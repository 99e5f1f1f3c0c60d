import { X509Certificate } from "node:crypto";
import type { Clock, Log } from "#model/ports.ts";
import type { EdgeCertificate } from "./edge-types.ts";
import type { InternalCa, IssuedCertificate } from "./internal-ca.ts";
import { isDue } from "./validity.ts";

/** How often renewal is looked at. */
const checkEveryMs = 10 * 60_000;

export interface CertificateStoreOptions {
  readonly ca: InternalCa;
  /** Names that certificates are needed for; wildcards and addresses included. At least one. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Called with the whole set after every renewal: what the workers' edges are to be given. */
  readonly onRenewed: (certificates: readonly EdgeCertificate[]) => void;
  readonly everyMs?: number;
}

export interface InternalStatus {
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly serial: string;
  readonly renewAt: number;
}

/** Holds the certificate in use and renews it in time. Runs on the main thread. */
export interface CertificateStore {
  /** Of the certificate in use; null before the first. */
  status(): InternalStatus | null;
  /** Empty before the first {@link check}. */
  current(): readonly EdgeCertificate[];
  /** Other names from now on. @throws GatewayError `definition-invalid` */
  setNames(names: readonly string[]): Promise<void>;
  /** Renews when a third of the lifetime is left. @throws what issuing throws when there is no certificate yet */
  check(): Promise<void>;
  stop(): void;
}

/** @throws GatewayError `definition-invalid` for names that no certificate can hold */
export async function createCertificateStore(options: CertificateStoreOptions): Promise<CertificateStore> {
  const store = new RenewingStore(options);
  await store.check();
  return store;
}

class RenewingStore implements CertificateStore {
  readonly #options: CertificateStoreOptions;
  readonly #timer: NodeJS.Timeout;
  #names: readonly string[];
  #issued: IssuedCertificate | null = null;
  #stopped = false;

  constructor(options: CertificateStoreOptions) {
    this.#options = options;
    this.#names = options.names;
    this.#timer = setInterval(() => void this.#renewQuietly(), options.everyMs ?? checkEveryMs).unref();
  }

  current(): readonly EdgeCertificate[] {
    return this.#issued === null ? [] : [certificateOf(this.#issued)];
  }

  status(): InternalStatus | null {
    if (this.#issued === null) return null;
    const { names, cert, notBefore, notAfter } = this.#issued;
    const { serialNumber: serial } = new X509Certificate(cert);
    return { names, serial, notBefore, notAfter, renewAt: notAfter - (notAfter - notBefore) / 3 };
  }

  async setNames(names: readonly string[]): Promise<void> {
    if (names.join() === this.#names.join()) return;
    await this.#issue(names);
    this.#names = names;
  }

  async check(): Promise<void> {
    if (this.#issued === null || isDue(this.#issued, this.#options.clock.now())) await this.#issue(this.#names);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  /** A failed renewal leaves a third of the lifetime for the next tries. */
  async #renewQuietly(): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      this.#options.log.error("certificate renewal failed", { error: (error as Error).message });
    }
  }

  async #issue(names: readonly string[]): Promise<void> {
    const issued = await this.#options.ca.issue(names);
    if (this.#stopped) return;
    this.#issued = issued;
    this.#options.log.info("certificate issued", { names, notAfter: new Date(issued.notAfter).toISOString() });
    this.#options.onRenewed(this.current());
  }
}

function certificateOf({ names, chain, key }: IssuedCertificate): EdgeCertificate {
  return { hosts: names, certPem: chain, keyPem: key };
}
