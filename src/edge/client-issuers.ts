import { createHash, type X509Certificate } from "node:crypto";

const maxIssuers = 6;
const maxIssuerBytes = 16_384;
const maxShared = 256;

/** Issuers that clients send behind their certificates. Many connections come with the same ones: one copy is kept. */
export class ClientIssuers {
  readonly #onNew: (der: Uint8Array) => void;
  readonly #shared = new Map<string, Uint8Array>();

  /** @param onNew told of each that was not seen before, the one next to the root first */
  constructor(onNew: (der: Uint8Array) => void) {
    this.#onNew = onNew;
  }

  /** DER, as they were sent: an authority that is known here is not among them as a rule. */
  of({ issuerCertificate }: X509Certificate): readonly Uint8Array[] {
    const sent: X509Certificate[] = [];
    let issuer = issuerCertificate;
    while (issuer !== undefined && sent.length < maxIssuers && issuer.raw.length <= maxIssuerBytes) {
      sent.push(issuer);
      const next: X509Certificate | undefined = issuer.issuerCertificate;
      issuer = next?.fingerprint256 === issuer.fingerprint256 ? undefined : next;
    }
    // Whoever learns of them goes on from what leads to a root already.
    return sent
      .toReversed()
      .map(({ raw }) => this.#share(raw))
      .toReversed();
  }

  /** Others are trusted now: who was told of an issuer may not have taken it. */
  forget(): void {
    this.#shared.clear();
  }

  #share(der: Uint8Array): Uint8Array {
    const key = createHash("sha256").update(der).digest("base64");
    const found = this.#shared.get(key);
    if (found !== undefined) return found;
    if (this.#shared.size >= maxShared) this.#shared.clear();
    this.#shared.set(key, der);
    this.#onNew(der);
    return der;
  }
}
