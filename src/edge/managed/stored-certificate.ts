import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { certificatesOf } from "#edge/acme/chain.ts";
import type { Lifetime } from "./schedule.ts";

/** A certificate with its key, as the TLS listeners take it. */
export interface StoredCertificate extends Lifetime {
  /** PKCS #8 PEM. */
  readonly keyPem: string;
  /** Leaf first. */
  readonly chainPem: string;
  readonly key: KeyObject;
  /** Common name of who signed it. */
  readonly signedBy: string;
  readonly serial: string;
}

/** @throws Error when they do not belong together, or cannot be read */
export function readCertificate(keyPem: string, chainPem: string): StoredCertificate {
  const [leafPem] = certificatesOf(chainPem);
  if (leafPem === undefined) throw new Error("there is no certificate in it");
  const leaf = new X509Certificate(leafPem);
  const key = createPrivateKey(keyPem);
  if (!leaf.checkPrivateKey(key)) throw new Error("the key does not belong to the certificate");
  return {
    keyPem,
    chainPem,
    key,
    signedBy: /^CN=(.*)$/m.exec(leaf.issuer)?.[1] ?? leaf.issuer.replaceAll("\n", ", "),
    serial: leaf.serialNumber,
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
  };
}

/** Key and chain in one text, so that a file with both is replaced as a whole. */
export function bundleOf({ keyPem, chainPem }: StoredCertificate): string {
  return `${keyPem.trim()}\n${chainPem.trim()}\n`;
}

/** @throws Error as {@link readCertificate} */
export function readBundle(text: string): StoredCertificate {
  const end = text.indexOf("-----BEGIN CERTIFICATE-----");
  return readCertificate(text.slice(0, Math.max(0, end)), text.slice(Math.max(0, end)));
}
