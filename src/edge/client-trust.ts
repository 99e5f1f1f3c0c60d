import { createHash, hkdfSync } from "node:crypto";
import type { ClientCertificateSettings, EdgeSettings } from "#model/definition.ts";
import { prepareClientCertificates } from "./client-certificate.ts";

/** Whose client certificates are believed. A connection is bound to the one that its handshake ran under. */
export interface ClientTrust {
  /** PEM; never empty, since OpenSSL would trust every public authority then. */
  readonly ca: string;
  /** Differs between sets of authorities. */
  readonly id: string;
}

/** PEM; empty when clients are not asked. */
function clientAuthoritiesOf(settings: ClientCertificateSettings | null, internalRoots: string): string {
  if (settings === null) return "";
  return settings.internalCa ? `${settings.ca}\n${internalRoots}` : settings.ca;
}

/** Of every listener, PEM. */
export function allClientAuthorities(edge: EdgeSettings, internalRoots: string): string {
  const settings = [edge.clientCertificates, ...edge.listenerCertificates.map((own) => own.settings)];
  return settings.map((each) => clientAuthoritiesOf(each, internalRoots)).join("\n");
}

/** Null when clients are not asked for certificates, or nobody is trusted to have issued them. */
export function createClientTrust(
  settings: ClientCertificateSettings | null,
  internalRoots: string,
): ClientTrust | null {
  const ca = clientAuthoritiesOf(settings, internalRoots);
  if (!ca.includes("-----BEGIN CERTIFICATE-----")) return null;
  prepareClientCertificates();
  return { ca, id: createHash("sha256").update(ca).digest("hex") };
}

/**
 * A session ticket carries the client's certificate and that it was verified, and a resumed handshake verifies
 * nothing. With keys of its own for each set of authorities, no session outlives the trust it was made under.
 *
 * @param keys 48 bytes
 */
export function ticketKeysUnder(trust: ClientTrust | null, keys: Uint8Array): Buffer {
  return Buffer.from(hkdfSync("sha256", keys, trust?.id ?? "", "sallyport session tickets", 48));
}
