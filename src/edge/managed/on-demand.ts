import type { OnDemandSettings } from "#model/certificates.ts";
import type { Clock, Egress, Log } from "#model/ports.ts";
import { matchesHost } from "#lib/host-pattern.ts";
import type { EdgeCertificate } from "#edge/edge-types.ts";
import type { Pause } from "#edge/acme/poll.ts";
import type { ManagedName } from "./managed-name.ts";
import type { CertificateManager } from "./manager.ts";

/** A handshake waits no longer; the order goes on, and the next handshake finds the certificate. */
const patienceMs = 9000;
const askTimeoutMs = 3000;
const minute = 60_000;
/** How long a refusal is remembered, and how many: names come from strangers. */
const refusedForMs = minute;
const mostRefused = 10_000;

export interface OnDemandOptions {
  readonly settings: OnDemandSettings;
  readonly manager: CertificateManager;
  /** Some API answers on the host. */
  readonly isServed: (name: string) => boolean;
  readonly egress: Egress;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly log: Log;
}

/**
 * Certificates for names that are not known before a client comes. Whoever points a name here could make us order
 * certificates, so each must be permitted, by rule or by being asked for, and new ones are rate-limited.
 */
export class OnDemand {
  readonly #options: OnDemandOptions;
  readonly #running = new Map<string, Promise<EdgeCertificate | null>>();
  /** Name → until when. */
  readonly #refused = new Map<string, number>();
  readonly #begun: number[] = [];

  constructor(options: OnDemandOptions) {
    this.#options = options;
  }

  /** Null: there is none, or not yet. */
  certificateFor(name: string): Promise<EdgeCertificate | null> {
    if (!isOrdinaryName(name) || this.#isRefused(name) || !this.#options.isServed(name)) return Promise.resolve(null);
    const known = this.#running.get(name);
    if (known !== undefined) return known;
    const running = this.#find(name).finally(() => this.#running.delete(name));
    this.#running.set(name, running);
    return running;
  }

  /** By rule, or by whoever is asked. @throws never: whoever cannot be asked does not permit */
  async permits(name: string): Promise<boolean> {
    const { settings, egress, log } = this.#options;
    if (settings.allow.some((pattern) => matchesHost(pattern, name))) return true;
    if (settings.ask === null) return false;
    try {
      const url = `${settings.ask}?domain=${encodeURIComponent(name)}`;
      const { status } = await egress.fetch({ url, timeoutMs: askTimeoutMs, maxBytes: 64 * 1024, declared: true });
      // A redirect is no permission: it comes from whoever set the destination, not from the one who was asked.
      return status >= 200 && status < 300;
    } catch (error) {
      log.warn("nobody could be asked whether a name may have a certificate", {
        name,
        error: (error as Error).message,
      });
      return false;
    }
  }

  async #find(name: string): Promise<EdgeCertificate | null> {
    const { manager, pause } = this.#options;
    const known = manager.find(name);
    if (known !== undefined && known.certificate !== null) return certificateOf(known);
    if (!(await this.permits(name))) return this.#refuse(name);
    const managed = known ?? (await this.#add(name));
    if (managed === null) return null;
    if (managed.certificate === null) await Promise.race([managed.check(), pause(patienceMs).catch(() => {})]);
    return certificateOf(managed);
  }

  /** Null when there were too many new names in the last minute; one that is stored already costs nothing. */
  async #add(name: string): Promise<ManagedName | null> {
    const { settings, manager, clock, log } = this.#options;
    const permit = (): Promise<boolean> => this.permits(name);
    const stored = await manager.isStored(name);
    const now = clock.mono();
    while ((this.#begun[0] ?? now) <= now - minute) this.#begun.shift();
    if (!stored && this.#begun.length >= settings.perMinute) {
      log.warn("too many new names for certificates on demand", { name, perMinute: settings.perMinute });
      return null;
    }
    if (!stored) this.#begun.push(now);
    return manager.add(name, permit);
  }

  #isRefused(name: string): boolean {
    return (this.#refused.get(name) ?? 0) > this.#options.clock.mono();
  }

  #refuse(name: string): null {
    if (this.#refused.size >= mostRefused) this.#refused.clear();
    this.#refused.set(name, this.#options.clock.mono() + refusedForMs);
    return null;
  }
}

function certificateOf({ name, certificate }: ManagedName): EdgeCertificate | null {
  return certificate === null ? null : { hosts: [name], certPem: certificate.chainPem, keyPem: certificate.keyPem };
}

/** A host name of at least two labels, in the form that certificates hold. */
function isOrdinaryName(name: string): boolean {
  return name.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/.test(name);
}
