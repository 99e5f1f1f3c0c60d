import { GatewayError } from "#model/errors.ts";
import type { Clock, Egress, Log } from "#model/ports.ts";
import type { TrustedMetadata } from "#model/token-trust.ts";
import { checkedUrl, fetchDocument } from "./discovery.ts";
import { KeyRing } from "./key-ring.ts";
import type { KeySet } from "./key-set.ts";
import { usablePublicKeys } from "./jwks.ts";

export interface MetadataPorts {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly log: Log;
}

/** As long as a provider's by default. */
const staleMs = 24 * 60 * 60 * 1000;

/** The keys of one metadata document over time, with the issuer that it names. */
export class MetadataKeys {
  readonly ring: KeyRing;
  /** Null before the first fetch. */
  issuer: string | null = null;

  constructor({ url, declared }: TrustedMetadata, { egress, clock, log }: MetadataPorts) {
    const fetch = async (): Promise<KeySet> => {
      const source = { issuer: url, base: url, keyOrigins: [], trusted: declared };
      const document = await fetchDocument(url, source, egress);
      const { issuer } = document;
      if (typeof issuer !== "string" || issuer === "") {
        throw new GatewayError("idp-malformed", 503, "the metadata names no issuer", { source: "idp" });
      }
      const keys = await usablePublicKeys(checkedUrl(document["jwks_uri"], url), source, egress);
      this.issuer = issuer;
      return keys;
    };
    this.ring = new KeyRing({ name: new URL(url).origin, staleMs, clock, log, fetch });
  }
}
