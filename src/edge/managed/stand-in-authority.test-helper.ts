import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from "node:crypto";
import { AcmeError } from "#edge/acme/problem.ts";
import type { RenewalWindow } from "#edge/acme/renewal-info.ts";
import type { ChallengeType } from "#edge/acme/resources.ts";
import type { RevocationReason } from "#model/revocation.ts";
import { type Authority as Signer, makeAuthority, X509CertificateGenerator } from "#edge/x509.ts";
import type { Clock } from "#model/ports.ts";
import type { Authority, ObtainRequest } from "./authority.ts";

export const hour = 3_600_000;
export const day: number = 24 * hour;

/** Stands in for an authority where ninety days must pass: no real one can be told the time. */
export class StandInAuthority implements Authority {
  readonly name: string;
  readonly directory: string;
  staging: StandInAuthority | null = null;
  lifetimeMs: number = 90 * day;
  /** Thrown at each order, when it is one. */
  refusal: ((challenge: ChallengeType) => Error | null) | null = null;
  /** Thrown at each order that was made, when it is one. */
  refusalOfOrder: (() => Error | null) | null = null;
  window: ((chainPem: string) => RenewalWindow) | null = null;
  readonly orders: { readonly at: number; readonly challenge: ChallengeType; readonly replaces: boolean }[] = [];
  readonly revoked: { readonly chainPem: string; readonly reason: RevocationReason }[] = [];
  readonly #clock: Clock;
  readonly #signer: Signer;

  private constructor(name: string, clock: Clock, signer: Signer) {
    this.name = name;
    this.directory = `https://${name}.test/directory`;
    this.#clock = clock;
    this.#signer = signer;
  }

  static async create(name: string, clock: Clock): Promise<StandInAuthority> {
    const validity = { notBefore: clock.now() - day, notAfter: clock.now() + 3650 * day };
    const random = { bytes: (count: number) => randomBytes(count) };
    return new StandInAuthority(name, clock, await makeAuthority(`${name} root`, validity, null, random));
  }

  async open(): Promise<void> {}

  async obtain({ name, keyPem, challenge, replaces, onOrder }: ObtainRequest): Promise<string> {
    const now = this.#clock.now();
    this.orders.push({ at: now, challenge, replaces: replaces !== null });
    const refusal = this.refusal?.(challenge) ?? null;
    if (refusal !== null) throw refusal;
    await onOrder(`https://${this.name}.test/order/${this.orders.length}`);
    const death = this.refusalOfOrder?.() ?? null;
    if (death !== null) throw death;
    const spki = createPublicKey(createPrivateKey(keyPem)).export({ format: "der", type: "spki" });
    const curve = { name: "ECDSA", namedCurve: "P-256" };
    const certificate = await X509CertificateGenerator.create({
      serialNumber: randomBytes(8).toString("hex"),
      subject: `CN=${name}`,
      issuer: this.#signer.certificate.subject,
      notBefore: new Date(now),
      notAfter: new Date(now + this.lifetimeMs),
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      publicKey: await webcrypto.subtle.importKey("spki", Uint8Array.from(spki), curve, true, ["verify"]),
      signingKey: this.#signer.keys.privateKey,
    });
    return `${certificate.toString("pem")}\n`;
  }

  async renewalWindow(chainPem: string): Promise<RenewalWindow | null> {
    return this.window === null ? null : this.window(chainPem);
  }

  async revoke(chainPem: string, reason: RevocationReason): Promise<void> {
    this.revoked.push({ chainPem, reason });
  }
}

export function refused(type: string, detail: string, retryAfterMs: number = 0): AcmeError {
  return new AcmeError("ordering", { type, detail, status: 403 }, retryAfterMs);
}
