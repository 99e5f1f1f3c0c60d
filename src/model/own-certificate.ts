/** A thumbprint as a person or Windows writes it, with spaces, colons or an invisible mark in front → upper-case hex. */
export function plainThumbprint(text: string): string {
  return text.replaceAll(/[^0-9A-Fa-f]/g, "").toUpperCase();
}

/**
 * A certificate with which this gateway proves who it is, at a backend, or in a token. Its key is kept from logs, errors
 * and JSON: a private field is not shown by any way of printing.
 */
export class OwnCertificate {
  /** Tells it from others: connections that show one are never used for another. Says nothing about the key. */
  readonly id: string;
  /** PEM, leaf first. */
  readonly chainPem: string;
  /** SHA-1 of the leaf, upper-case hex. */
  readonly thumbprint: string;
  readonly #keyPem: string | null;

  /** @param keyPem PKCS#8; null: there is none, and it can be shown to nobody */
  constructor(id: string, chainPem: string, thumbprint: string, keyPem: string | null) {
    this.id = id;
    this.chainPem = chainPem;
    this.thumbprint = thumbprint;
    this.#keyPem = keyPem;
  }

  get hasKey(): boolean {
    return this.#keyPem !== null;
  }

  /** The one way to the key. Call it where it is used, and hold no copy. */
  revealKey(): string | null {
    return this.#keyPem;
  }
}
