import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import type { Accounts } from "./accounts.ts";
import type { AcmeResponse } from "./acme-types.ts";
import { type SignedRequest, thumbprintOf } from "./jws.ts";
import { AcmeRefusal, malformed } from "./refusal.ts";
import type { AcmeServerOptions } from "./server-options.ts";
import type { ServerStore } from "./server-store.ts";

/** A revocation is to be seen soon. */
const listCaching = "max-age=300";

/** Takes certificates back, and says which. */
export class Revoked {
  readonly #options: AcmeServerOptions;
  readonly #store: ServerStore;
  readonly #accounts: Accounts;

  constructor(options: AcmeServerOptions, store: ServerStore, accounts: Accounts) {
    this.#options = options;
    this.#store = store;
    this.#accounts = accounts;
  }

  /** By the account that it was issued to, or by its own key. @see RFC 8555 §7.6 */
  async revoke(base: string, { kid, jwk, payload }: SignedRequest): Promise<AcmeResponse> {
    const certificate = readCertificate(payload?.["certificate"]);
    const reason = payload?.["reason"] ?? 0;
    if (typeof reason !== "number" || ![0, 1, 3, 4, 5].includes(reason)) {
      throw new AcmeRefusal("badRevocationReason", 400, "reason is one of 0, 1, 3, 4 and 5");
    }
    const order = [...this.#store.orders.values()].find(({ chain }) => chain !== null && isLeaf(chain, certificate));
    if (order === undefined) throw malformed("the certificate was not issued here, or has expired", 404);
    const own = kid === null ? await hasKey(certificate, jwk) : this.#accounts.at(base, kid).id === order.account;
    if (!own) throw new AcmeRefusal("unauthorized", 403, "the certificate belongs to somebody else");
    if (order.revoked) throw new AcmeRefusal("alreadyRevoked", 400, "the certificate is revoked already");
    await this.#options.issuer.revoke(order.chain ?? "", reason);
    order.revoked = true;
    await this.#store.saveOrder(order);
    this.#options.log.warn("ACME server: certificate revoked", { serial: order.serial, reason });
    return { status: 200, headers: [], body: "" };
  }

  /** For everybody: no account, no signature. @param issuer key identifier, hex */
  async list(issuer: string): Promise<AcmeResponse> {
    const list = await this.#options.issuer.revocationList(issuer);
    if (list === null) throw malformed("there is no such list", 404);
    return { status: 200, headers: ["Content-Type", "application/pkix-crl", "Cache-Control", listCaching], body: list };
  }
}

function readCertificate(value: unknown): X509Certificate {
  try {
    if (typeof value === "string" && value.length < 16_384) return new X509Certificate(Buffer.from(value, "base64url"));
  } catch {
    // Said below.
  }
  throw malformed("certificate is not base64url of a certificate");
}

function isLeaf(chain: string, certificate: X509Certificate): boolean {
  return new X509Certificate(chain).fingerprint256 === certificate.fingerprint256;
}

async function hasKey(certificate: X509Certificate, jwk: SignedRequest["jwk"]): Promise<boolean> {
  if (jwk === null) return false;
  const own = certificate.publicKey.export({ format: "jwk" });
  return (await thumbprintOf(own as NonNullable<typeof jwk>)) === (await thumbprintOf(jwk));
}
