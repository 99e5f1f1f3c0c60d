import { AccountKey } from "#edge/acme/account-key.ts";
import { type ExternalAccount, openAccount } from "#edge/acme/account.ts";
import { certificatesOf } from "#edge/acme/chain.ts";
import { identifierOf } from "#edge/acme/identifier.ts";
import { runOrder } from "#edge/acme/order.ts";
import type { Pause } from "#edge/acme/poll.ts";
import { AcmeError } from "#edge/acme/problem.ts";
import { certificateIdOf, fetchRenewalWindow, type RenewalWindow } from "#edge/acme/renewal-info.ts";
import { revoke } from "#edge/acme/revoke.ts";
import type { RevocationReason } from "#model/revocation.ts";
import { AcmeSession } from "#edge/acme/session.ts";
import { AcmeTransport } from "#edge/acme/transport.ts";
import type { Clock, Egress } from "#model/ports.ts";
import type { Authority, ObtainRequest } from "./authority.ts";
import type { CertificateTree } from "./certificate-tree.ts";
import { Throttle } from "./throttle.ts";

/** New orders in any ten seconds: no burst of ours meets an authority's limits. */
const ordersAtOnce = 10;
const orderPeriodMs = 10_000;
/** The profile that certificates of addresses need where there are profiles. @see letsencrypt.org/docs/profiles */
const addressProfile = "shortlived";

export interface AcmeAuthorityOptions {
  readonly name: string;
  readonly directory: string;
  readonly staging: Authority | null;
  readonly email: string | null;
  readonly binding: ExternalAccount | null;
  readonly profile: string | null;
  readonly preferredChain: string | null;
  readonly egress: Egress;
  readonly tree: CertificateTree;
  readonly clock: Clock;
  readonly pause: Pause;
}

/** An authority that speaks ACME, with one account that is kept. */
export class AcmeAuthority implements Authority {
  readonly name: string;
  readonly directory: string;
  readonly staging: Authority | null;
  readonly #options: AcmeAuthorityOptions;
  readonly #transport: AcmeTransport;
  readonly #throttle: Throttle;
  #session: Promise<AcmeSession> | null = null;

  constructor(options: AcmeAuthorityOptions) {
    this.name = options.name;
    this.directory = options.directory;
    this.staging = options.staging;
    this.#options = options;
    this.#transport = new AcmeTransport(options.egress);
    this.#throttle = new Throttle(ordersAtOnce, orderPeriodMs, options.clock, options.pause);
  }

  async open(): Promise<void> {
    await this.#inSession(async () => {});
  }

  obtain(request: ObtainRequest): Promise<string> {
    return this.#inSession(async (session) => {
      if (request.resume === null) await this.#throttle.take();
      const identifier = identifierOf(request.name);
      const { preferredChain, pause } = this.#options;
      return runOrder(session, {
        identifiers: [identifier],
        keyPem: request.keyPem,
        proof: { type: request.challenge, solver: request.solver, keyType: request.servedKeyType, pause },
        profile: this.#profileFor(identifier.type, session),
        replaces: request.replaces === null ? null : certificateIdOf(request.replaces),
        preferredChain,
        resume: request.resume,
        onOrder: request.onOrder,
      });
    });
  }

  renewalWindow(chainPem: string): Promise<RenewalWindow | null> {
    return this.#inSession(async ({ directory }) => {
      const id = certificateIdOf(chainPem);
      return id === null ? null : fetchRenewalWindow(this.#transport, directory, id, this.#options.clock);
    });
  }

  revoke(chainPem: string, reason: RevocationReason): Promise<void> {
    const [leaf = ""] = certificatesOf(chainPem);
    return this.#inSession((session) => revoke(session, leaf, reason));
  }

  #profileFor(type: "dns" | "ip", { directory: { profiles } }: AcmeSession): string | null {
    const { profile } = this.#options;
    return profile ?? (type === "ip" && profiles.includes(addressProfile) ? addressProfile : null);
  }

  /** An authority that does not know the account any more is told again who we are: once, and at once. */
  async #inSession<T>(work: (session: AcmeSession) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#opened());
    } catch (error) {
      this.#session = null;
      if (!(error instanceof AcmeError) || error.problem.type !== "accountDoesNotExist") throw error;
      return work(await this.#opened());
    }
  }

  #opened(): Promise<AcmeSession> {
    this.#session ??= this.#openNew();
    return this.#session;
  }

  async #openNew(): Promise<AcmeSession> {
    const { tree, email, binding, clock } = this.#options;
    const known = await tree.account(this.directory);
    const key = known === null ? await AccountKey.generate() : await AccountKey.read(known.keyPem);
    const session = await AcmeSession.open({
      directoryUrl: this.directory,
      transport: this.#transport,
      key,
      clock,
    });
    // The key first: an account whose key is lost cannot be used, nor revoke anything.
    if (known === null) await tree.saveAccount(this.directory, { url: "", keyPem: key.export(), email });
    const url = await openAccount(session, { email, binding });
    if (known !== null && known.email !== email && email !== null) {
      await session.post(url, { contact: [`mailto:${email}`] }, "changing the account's address");
    }
    await tree.saveAccount(this.directory, { url, keyPem: key.export(), email });
    return session;
  }
}
