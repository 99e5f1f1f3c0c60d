import { isIP } from "node:net";
import { join } from "node:path";
import type { FileCertificate, NamedCertificate } from "#model/certificates.ts";
import type { Meter } from "#model/metrics.ts";
import type { Clock, Egress, EventRecorder, Log, Random } from "#model/ports.ts";
import { type CertificateStore, createCertificateStore } from "#edge/certificate-store.ts";
import type { CertificateSource, EdgeCertificate, PendingChallenges, StapleNews } from "#edge/edge-types.ts";
import { createInternalCa, type InternalCa } from "#edge/internal-ca.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import type { ManagedName } from "#edge/managed/managed-name.ts";
import { ChallengeBoard } from "#edge/managed/challenge-board.ts";
import type { Staple } from "#edge/ocsp/staple.ts";
import { StapleBook } from "#edge/ocsp/staple-book.ts";
import { StapleFiles } from "#edge/ocsp/staple-files.ts";
import type { ControlDefinition, ControlSnapshot } from "./definition/read-result.ts";
import { certificateNames, isCovered } from "./certificate-names.ts";
import type { CertificateRow } from "#admin/certificate-row.ts";
import { clientRows, fileRow, internalRow, managedRow } from "./certificate-rows.ts";
import { CertificateEvents } from "./certificate-events.ts";
import { CertificateStatus } from "./certificate-status.ts";
import { type RenewalRequest, RenewalRequests } from "./renewal-requests.ts";
import { RevocationWatch } from "./revocation-watch.ts";
import { ManagedCertificates } from "./managed-certificates.ts";

/** Certificates of the workers, on main: of files, of public authorities, and of the internal CA for all the rest. */
export interface TlsKeeper {
  readonly rootFile: string;
  certificates(): CertificateSource;
  readonly issuer: InternalCa;
  /** The state of each certificate, as people are shown it. */
  rows(): readonly CertificateRow[];
  /** PEM of the roots that clients of ours may be verified against. */
  roots(): string;
  challenges(): PendingChallenges;
  /** For a name that came in a handshake; null when there is none, or not yet. */
  certificateFor(name: string): Promise<EdgeCertificate | null>;
  /** What clients are sent that ask for the status of a certificate. */
  staples(): readonly StapleNews[];
  /** Takes the names and settings of another definition. */
  apply(definition: ControlDefinition, snapshot: ControlSnapshot): Promise<void>;
  /** The workers listen: certificates may be ordered. */
  start(): void;
  stop(): Promise<void>;
}

export interface TlsOptions {
  readonly definition: ControlDefinition;
  readonly snapshot: ControlSnapshot;
  readonly dataPath: string;
  readonly caPath: string;
  readonly secrets: SecretFiles;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  readonly egress: (ca: string | null) => Egress;
  /** For the responder that a certificate names. */
  readonly responderEgress: (responder: string) => Egress;
  readonly publishStaple: (staple: StapleNews) => void;
  readonly publish: (certificates: CertificateSource) => void;
  readonly events: Pick<EventRecorder, "tell">;
  /** Roots of the internal CA, when they have changed. */
  readonly publishRoots: (roots: string) => void;
  /** What the internal CA has revoked, when that has changed. */
  readonly publishRevoked: (keys: readonly string[]) => void;
  /** Resolves when every worker has them. */
  readonly publishChallenges: (challenges: PendingChallenges) => Promise<void>;
}

/** @returns undefined when TLS is off @throws GatewayError `store-corrupt` when the CA's root cannot be used */
export async function openTls(options: TlsOptions): Promise<TlsKeeper | undefined> {
  return options.snapshot.edge.tls === "off" ? undefined : Keeper.open(options);
}

class Keeper implements TlsKeeper {
  readonly rootFile: string;
  readonly issuer: InternalCa;
  readonly #options: TlsOptions;
  readonly #board: ChallengeBoard;
  readonly #managed: ManagedCertificates;
  readonly #status: CertificateStatus;
  readonly #staples: StapleBook;
  #internal: CertificateStore | null = null;
  #files: readonly FileCertificate[] = [];
  #shown: readonly NamedCertificate[] = [];
  #hosts: readonly string[] = [];
  #router: ControlSnapshot["router"] | null = null;
  #published = "";
  readonly #told = new CertificateEvents();
  #requests: RenewalRequests | null = null;
  #revoking: RevocationWatch | null = null;

  private constructor(options: TlsOptions, ca: InternalCa) {
    const { dataPath, secrets, clock, random, log, meter, egress, publishChallenges } = options;
    this.rootFile = ca.rootFile;
    this.issuer = ca;
    this.#options = options;
    this.#board = new ChallengeBoard(publishChallenges, clock);
    const onChange = (): void => void this.#changed();
    const isServed = (name: string): boolean => this.#router !== null && hasHost(this.#router, name);
    this.#managed = new ManagedCertificates({
      dataPath,
      secrets,
      clock,
      random,
      log,
      meter,
      board: this.#board,
      egress,
      isServed,
      onChange,
    });
    this.#staples = new StapleBook({
      egress: options.responderEgress,
      clock,
      log,
      meter,
      files: new StapleFiles(join(dataPath, "ocsp"), random, log),
      onChange: (fingerprint, der) => options.publishStaple({ fingerprint, der }),
      onRevoked: (staple) => void this.#replaceRevoked(staple),
      onState: () => this.#status.changed(),
    });
    this.#status = new CertificateStatus(dataPath, () => this.rows(), random, log);
  }

  static async open(options: TlsOptions): Promise<Keeper> {
    const { definition, snapshot, caPath, secrets, clock, random, log, publishRoots: onRoots } = options;
    const onRevoked = (): void => options.publishRevoked(ca.revoked);
    const caOptions = { directory: caPath, secrets, clock, random, log, onRoots, onRevoked };
    const ca: InternalCa = await createInternalCa(caOptions);
    const keeper = new Keeper(options, ca);
    await keeper.#take(definition, snapshot);
    keeper.#internal = await createCertificateStore({
      ca,
      names: keeper.#internalNames(),
      clock,
      log,
      onRenewed: () => keeper.#publish(),
    });
    await keeper.#staples.use(keeper.certificates());
    return keeper;
  }

  async apply(definition: ControlDefinition, snapshot: ControlSnapshot): Promise<void> {
    await this.#take(definition, snapshot);
    await this.#changed();
  }

  async #take(
    { acme, certificates, namedCertificates }: ControlDefinition,
    { hosts, router }: ControlSnapshot,
  ): Promise<void> {
    await this.#managed.apply(acme);
    this.#files = certificates;
    this.#shown = namedCertificates;
    this.#router = router;
    // A wildcard of the internal CA would answer for names that are to get a certificate of their own.
    this.#hosts = hosts.filter((host) => acme?.onDemand?.hosts.includes(host) !== true);
  }

  start(): void {
    this.#told.look(this.rows());
    this.#managed.start();
    this.#staples.start();
    this.#status.changed();
    const { dataPath, log } = this.#options;
    this.#requests = new RenewalRequests(dataPath, (request) => this.#replace(request), log);
    this.#requests.look();
    this.#revoking = new RevocationWatch(this.issuer, log);
    this.#revoking.look();
  }

  staples(): readonly StapleNews[] {
    return this.#staples.current;
  }

  roots(): string {
    return this.issuer.rootCertificatePem;
  }

  certificateFor(name: string): Promise<EdgeCertificate | null> {
    return this.#managed.certificateFor(name);
  }

  challenges(): PendingChallenges {
    return this.#board.current;
  }

  /** The first one answers clients that send no server name: a file's, one of an address, else the internal CA's. */
  certificates(): CertificateSource {
    const files = this.#files.map((file) => certificateOf(file));
    const managed = this.#managed.certificates();
    const addresses = managed.filter(({ hosts }) => isIP(hosts[0] ?? "") !== 0);
    const internal = (this.#internal?.current() ?? []).map((one) => ({ ...one, hosts: this.#internalNames() }));
    return [...files, ...addresses, ...internal, ...managed.filter((one) => !addresses.includes(one))];
  }

  async stop(): Promise<void> {
    this.#requests?.close();
    this.#revoking?.close();
    this.#managed.stop();
    this.#internal?.stop();
    await this.#staples.stop();
    await this.#status.close();
  }

  /** What nobody else has a certificate for; that of a public name stands in until there is one. */
  #internalNames(): readonly string[] {
    const others = [
      ...this.#files.map(({ hosts }) => hosts),
      ...this.#managed.certificates().map(({ hosts }) => hosts),
    ];
    return certificateNames(this.#hosts).filter((name) => !isCovered(name, others.flat()));
  }

  async #replace({ name, revoke }: RenewalRequest): Promise<void> {
    const found = await this.#managed.replace(name, revoke);
    if (found) this.#options.log.info("another certificate was asked for", { name, revoke });
    else this.#options.log.warn("another certificate was asked for a name that is not managed here", { name });
  }

  /** Its issuer may have no word for it in its renewal information. Files are whose they are. */
  async #replaceRevoked({ names }: Staple): Promise<void> {
    for (const name of names) await this.#managed.replace(name, null);
  }

  async #changed(): Promise<void> {
    try {
      await this.#internal?.setNames(this.#internalNames());
      await this.#staples.use(this.certificates());
      await this.#staples.prepare();
      this.#publish();
    } catch (error) {
      this.#options.log.error("certificate renewal failed", { error: (error as Error).message });
    }
  }

  #stapleOf({ certificate }: ManagedName): Staple | null {
    return certificate === null ? null : this.#staples.of(certificate.chainPem);
  }

  #publish(): void {
    this.#status.changed();
    this.#options.events.tell(...this.#told.look(this.rows()));
    const certificates = this.certificates();
    const shown = JSON.stringify(certificates);
    if (shown === this.#published) return;
    this.#published = shown;
    this.#options.publish(certificates);
  }

  rows(): readonly CertificateRow[] {
    const now = this.#options.clock.now();
    const internal = this.#internal?.status();
    return [
      ...this.#files.map((file) => fileRow(file, this.#staples.of(file.chainPem), now)),
      ...this.#managed.names.map((name) => managedRow(name, this.#stapleOf(name), now)),
      ...(internal === undefined || internal === null ? [] : [internalRow(internal, now)]),
      ...clientRows(this.#shown, now),
    ];
  }
}

function hasHost({ anyHost, exactHosts, wildcardHosts }: ControlSnapshot["router"], name: string): boolean {
  return anyHost >= 0 || exactHosts.has(name) || wildcardHosts.has(name.slice(name.indexOf(".") + 1));
}

function certificateOf({ hosts, chainPem, key }: FileCertificate): EdgeCertificate {
  return { hosts, certPem: chainPem, keyPem: key.reveal() };
}
