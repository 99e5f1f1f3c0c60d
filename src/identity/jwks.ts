import { GatewayError } from "#model/errors.ts";
import type { Egress } from "#model/ports.ts";
import { discoverKeySetUrl, fetchDocument, type MetadataSource } from "./discovery.ts";
import { importKeySet, type KeySet } from "./key-set.ts";

/**
 * Discovery and key set in one go, so that a provider may move its keys. An empty set is an answer too: the issuer
 * has withdrawn all keys.
 * @throws GatewayError `idp-unreachable`, `idp-malformed`, and what {@link Egress} throws
 */
export async function fetchKeySet(source: MetadataSource, egress: Egress): Promise<KeySet> {
  return usablePublicKeys(await discoverKeySetUrl(source, egress), source, egress);
}

export async function usablePublicKeys(url: string, source: MetadataSource, egress: Egress): Promise<KeySet> {
  return importPublicKeys(await fetchDocument(url, source, egress));
}

/** @throws GatewayError `idp-malformed` */
export async function importPublicKeys(document: Readonly<Record<string, unknown>>): Promise<KeySet> {
  const keys = await importKeySet(document);
  if (keys === undefined) {
    throw new GatewayError("idp-malformed", 503, "the provider's key set is malformed or too large", { source: "idp" });
  }
  if (!keys.keys.some((key) => key.symmetric)) return keys;
  throw new GatewayError("idp-malformed", 503, "the provider publishes a secret as its key", { source: "idp" });
}
