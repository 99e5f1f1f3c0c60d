import { X509Certificate } from "node:crypto";
import { certificatesOf } from "#edge/acme/chain.ts";
import { fingerprintOf } from "#edge/ocsp/fingerprint.ts";
import type { CertificateStatus } from "#model/certificate-status.ts";
import type { Meter } from "#model/metrics.ts";
import type { Clock, Egress, Log } from "#model/ports.ts";
import { askIssuer, type IssuerStatusOptions } from "./issuer-status.ts";
import { KeptLists } from "./kept-lists.ts";
import { pathToTrusted } from "./path.ts";
import { failureMs } from "./recent-failures.ts";
import { Responders } from "./responders.ts";

/** What is known here of a certificate; null: its issuer is somebody else. Serial number in hex, issuer in DER. */
export type OwnStatus = (serial: string, issuer: Uint8Array) => Promise<"good" | "revoked" | null>;

export interface ClientStatusesOptions {
  /** For one responder or list: where it may be is checked there. */
  readonly egress: (url: string) => Egress;
  /** PEM of the authorities that clients are verified against now. */
  readonly trusted: () => string;
  /** For issuers that are our own. */
  readonly own: OwnStatus;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** Statuses of single certificates, by issuer and serial number. */
const mostStatuses = 4096;
const mostIssuers = 256;
const maxDetail = 240;
/** Workers are told when it changes. */
const ownMs = 60_000;

/**
 * Whether the certificates of clients, and of those who issued them, were withdrawn: as .NET's online mode for the whole
 * chain without its root, which API Management follows. What is not known is not trusted.
 */
export class ClientStatuses {
  readonly #options: ClientStatusesOptions;
  readonly #asking: IssuerStatusOptions;
  readonly #statuses = new Map<string, CertificateStatus>();
  readonly #pending = new Map<string, Promise<CertificateStatus>>();
  /** That clients have sent: a resumed session has none. */
  readonly #issuers = new Map<string, X509Certificate>();
  #trustedPem = "";
  #trusted: readonly X509Certificate[] = [];

  constructor(options: ClientStatusesOptions) {
    const { egress, clock, meter } = options;
    this.#options = options;
    this.#asking = {
      meter,
      responders: new Responders({ egress, clock }),
      lists: new KeptLists({ egress, clock }),
    };
  }

  /** Never rejects. @param path DER, leaf first; those above it may be missing */
  async of(path: readonly Uint8Array[]): Promise<CertificateStatus> {
    try {
      const [certificate, ...issuers] = path.map((der) => new X509Certificate(der));
      if (certificate === undefined) return this.#unknown("there is no certificate");
      const sent = issuers.toReversed();
      for (const issuer of sent) this.#learn(issuer);
      return await this.#ofPath(certificate, sent);
    } catch (error) {
      return this.#unknown((error as Error).message);
    }
  }

  /** An issuer that a client has sent; it is kept when it leads to an authority that is trusted. */
  learn(der: Uint8Array): void {
    try {
      this.#learn(new X509Certificate(der));
    } catch {
      // It was not verified with anything, then.
    }
  }

  /** Only what leads to a trusted authority: others would take the room. */
  #learn(issuer: X509Certificate): void {
    const key = fingerprintOf(issuer.raw);
    const trusted = this.#trustedNow();
    if (this.#issuers.has(key) || !issuer.ca) return;
    if (pathToTrusted(issuer, [...this.#issuers.values()], trusted) === null) return;
    this.#issuers.set(key, issuer);
    dropOldest(this.#issuers, mostIssuers);
  }

  async #ofPath(certificate: X509Certificate, sent: readonly X509Certificate[]): Promise<CertificateStatus> {
    const path = pathToTrusted(certificate, [...sent, ...this.#issuers.values()], this.#trustedNow());
    if (path === null) return this.#unknown("no path to a trusted authority is known: open a new connection");
    const asked = path.slice(0, -1).map((one, at) => this.#ofOne(one, path[at + 1] as X509Certificate));
    return worst(await Promise.all(asked), this.#options.clock.now());
  }

  async #ofOne(certificate: X509Certificate, issuer: X509Certificate): Promise<CertificateStatus> {
    const { own, clock } = this.#options;
    const status = await own(certificate.serialNumber.toLowerCase(), issuer.raw);
    if (status !== null) return named({ status, detail: revokedHere(status), until: clock.now() + ownMs }, certificate);
    const key = `${fingerprintOf(issuer.raw)} ${certificate.serialNumber}`;
    const known = this.#statuses.get(key);
    if (known !== undefined && known.until > clock.now()) return known;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#ask(certificate, issuer).then((found) => this.#keep(key, found));
      this.#pending.set(key, pending);
    }
    return pending;
  }

  async #ask(certificate: X509Certificate, issuer: X509Certificate): Promise<CertificateStatus> {
    try {
      return named(await askIssuer(certificate, issuer, this.#asking), certificate);
    } catch (error) {
      const detail = named(this.#unknown((error as Error).message), certificate);
      this.#options.log.warn("nobody can say whether a client certificate was revoked", { problem: detail.detail });
      return detail;
    }
  }

  #keep(key: string, status: CertificateStatus): CertificateStatus {
    this.#pending.delete(key);
    this.#statuses.delete(key);
    this.#statuses.set(key, status);
    dropOldest(this.#statuses, mostStatuses);
    return status;
  }

  #trustedNow(): readonly X509Certificate[] {
    const pem = this.#options.trusted();
    if (pem !== this.#trustedPem) {
      this.#trustedPem = pem;
      this.#trusted = certificatesOf(pem).map((one) => new X509Certificate(one));
    }
    return this.#trusted;
  }

  #unknown(detail: string): CertificateStatus {
    return { status: "unknown", detail, until: this.#options.clock.now() + failureMs };
  }
}

function revokedHere(status: "good" | "revoked"): string {
  return status === "revoked" ? "revoked by the internal CA" : "";
}

function named(status: CertificateStatus, { subject, serialNumber }: X509Certificate): CertificateStatus {
  if (status.detail === "") return status;
  const who = subject?.replaceAll("\n", ", ") || `serial number ${serialNumber.toLowerCase()}`;
  return { ...status, detail: `${who.slice(0, 100)}: ${status.detail}`.slice(0, maxDetail) };
}

/** What is revoked is, whatever is not known of others. It holds as long as all of it does. */
function worst(statuses: readonly CertificateStatus[], now: number): CertificateStatus {
  const until = Math.min(...statuses.map((one) => one.until), now + 86_400_000);
  const found =
    statuses.find(({ status }) => status === "revoked") ?? statuses.find(({ status }) => status === "unknown");
  return found === undefined ? { status: "good", detail: "", until } : { ...found, until };
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
