import { createHash } from "node:crypto";
import { readKeyAndChain } from "#lib/key-and-chain.ts";
import type { NamedCertificate } from "#model/certificates.ts";
import { OwnCertificate, plainThumbprint } from "#model/own-certificate.ts";
import { expressionFailed } from "./failure.ts";

/** What expressions made, by digest; those that could not be read too. */
const maxComputed = 64;
/** Longer ones are no certificate with its chain. */
const maxBytes = 64 * 1024;
/** Other requests wait for a password that is hashed so often, 40 ms at most. Windows says 2,000 for each part, Java 10,000. */
const maxHashes = 50_000;
/** Each handshake signs, and the time grows with the cube of the length. */
const maxModulus = 8192;

/** Certificates that policies show: those of the definition by name or thumbprint, and those that expressions make. */
export class OwnCertificates {
  readonly #byName: ReadonlyMap<string, OwnCertificate>;
  readonly #byThumbprint: ReadonlyMap<string, OwnCertificate>;
  readonly #computed: Map<string, OwnCertificate | null> = new Map();

  constructor(named: readonly NamedCertificate[]) {
    const own = named.map((one) => [one.name, ownCertificate(one)] as const);
    this.#byName = new Map(own);
    this.#byThumbprint = new Map(own.map(([, one]) => [one.thumbprint, one]));
  }

  get(name: string): OwnCertificate | undefined {
    return this.#byName.get(name);
  }

  get all(): ReadonlyMap<string, OwnCertificate> {
    return this.#byName;
  }

  withThumbprint(text: string): OwnCertificate | undefined {
    return this.#byThumbprint.get(plainThumbprint(text));
  }

  /**
   * @param body PKCS#12 or PEM, as bytes or base64
   * @throws GatewayError `expression-failed` for what is no certificate with its key; nothing of it is in the message
   */
  read(body: Uint8Array | string, password: string): OwnCertificate {
    const bytes = typeof body === "string" ? bytesOfText(body) : body;
    if (bytes.byteLength > maxBytes) throw expressionFailed("a certificate is longer than 64 KiB");
    // The password goes in whole, behind its length, so that no two pairs are alike.
    const digest = createHash("sha256").update(`${password.length} ${password} `).update(bytes).digest("base64");
    const known = this.#computed.get(digest);
    const found = known === undefined ? readCertificate(bytes, password) : known;
    if (!this.#computed.delete(digest) && this.#computed.size >= maxComputed) this.#forgetOne();
    this.#computed.set(digest, found);
    if (found === null) throw expressionFailed("a certificate cannot be read, or has no key");
    return found;
  }

  #forgetOne(): void {
    this.#computed.delete(this.#computed.keys().next().value as string);
  }
}

function ownCertificate({ chainPem, key, thumbprint }: NamedCertificate): OwnCertificate {
  return withId(chainPem, key?.value ?? null, thumbprint);
}

/** Of two chains with the same leaf each is shown as it is. */
function withId(chainPem: string, keyPem: string | null, thumbprint: string): OwnCertificate {
  const id = createHash("sha256").update(chainPem).digest("base64url");
  return new OwnCertificate(id, chainPem, thumbprint, keyPem);
}

function readCertificate(bytes: Uint8Array, password: string): OwnCertificate | null {
  const found = readKeyAndChain(bytes, password, maxHashes);
  if ("problem" in found || found.key === null) return null;
  if ((found.key.asymmetricKeyDetails?.modulusLength ?? 0) > maxModulus) return null;
  const [leaf] = found.chain;
  const thumbprint = createHash("sha1").update(leaf.raw).digest("hex").toUpperCase();
  const keyPem = String(found.key.export({ type: "pkcs8", format: "pem" }));
  return withId(found.chain.map((one) => one.toString()).join(""), keyPem, thumbprint);
}

function bytesOfText(text: string): Uint8Array {
  return text.includes("-----BEGIN ") ? Buffer.from(text, "latin1") : Buffer.from(text, "base64");
}
