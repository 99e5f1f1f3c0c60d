import type { SourcePosition } from "./diagnostic.ts";
import type { Secret } from "./secret.ts";

/** Certificates of authorities that speak ACME. Main's alone: it holds secrets, and workers get what comes of it. */
export interface AcmeSettings {
  /** In the order of preference; at least one. */
  readonly issuers: readonly AcmeIssuer[];
  readonly email: string | null;
  /** In the order of preference; at least one. */
  readonly challenges: readonly AcmeChallenge[];
  readonly dns: DnsSettings | null;
  readonly onDemand: OnDemandSettings | null;
  readonly keyType: "p256" | "p384" | "rsa2048" | "rsa4096";
  /** Folder that several nodes share, absolute; null: in the data folder. */
  readonly storage: string | null;
  /** What they have in common to seal it with: one key or several, the newest first; null: it is not sealed. */
  readonly storageKey: Secret | null;
  /** Host names, wildcards and addresses that certificates are ordered for. */
  readonly names: readonly string[];
}

export type AcmeChallenge = "http-01" | "tls-alpn-01" | "dns-01";

export interface AcmeIssuer {
  /** As people call it. */
  readonly name: string;
  /** Directory URL. */
  readonly directory: string;
  /** Directory URL of its twin for tries. */
  readonly staging: string | null;
  readonly eab: { readonly keyId: string; readonly hmacKey: Secret } | null;
  readonly profile: string | null;
  /** Common name at the top of the chain that is wished for. */
  readonly preferredChain: string | null;
  /** PEM of CAs that its own HTTPS is trusted by besides the machine's. */
  readonly ca: string | null;
}

/** Who may get a certificate while its handshake waits. */
export interface OnDemandSettings {
  /** GET with `?domain=<name>`: 2xx allows. */
  readonly ask: string | null;
  /** Names, or `*.` for one label, that are allowed without being asked for. */
  readonly allow: readonly string[];
  /** New names in any minute. */
  readonly perMinute: number;
  /** Wildcard hosts of the definition whose names get a certificate each. */
  readonly hosts: readonly string[];
}

export interface DnsSettings {
  readonly provider: DnsProviderSettings;
  /** `address:port` of name servers that must see a record before the authority is told to look; empty: the zone's own. */
  readonly resolvers: readonly string[];
  /** How long is waited for that. */
  readonly timeoutMs: number;
}

export type DnsProviderSettings =
  | { readonly kind: "command"; readonly run: readonly string[] }
  | { readonly kind: "webhook"; readonly url: string; readonly secret: Secret }
  | {
      readonly kind: "rfc2136";
      readonly server: string;
      readonly zone: string | null;
      readonly tsig: { readonly name: string; readonly algorithm: TsigAlgorithm; readonly secret: Secret } | null;
    }
  | { readonly kind: "cloudflare"; readonly token: Secret; readonly endpoint: string }
  | {
      readonly kind: "route53";
      readonly accessKeyId: Secret;
      readonly secretAccessKey: Secret;
      readonly sessionToken: Secret | null;
      readonly hostedZone: string | null;
      readonly endpoint: string;
    }
  | {
      readonly kind: "azure";
      readonly tenant: string;
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly subscription: string;
      readonly resourceGroup: string;
      readonly zone: string;
      readonly login: string;
      readonly endpoint: string;
    };

export type TsigAlgorithm = "hmac-sha256" | "hmac-sha384" | "hmac-sha512";

/** A certificate that somebody else looks after. */
export interface FileCertificate {
  /** PEM, leaf first. */
  readonly chainPem: string;
  readonly key: Secret;
  /** Names that it is for, from the certificate itself. */
  readonly hosts: readonly string[];
  readonly at: SourcePosition;
}

/** An entry of `certificates`: what backends show, and policies and expressions call by its name. */
export interface NamedCertificate {
  readonly name: string;
  /** PEM, leaf first. */
  readonly chainPem: string;
  /** PKCS#8, PEM; null: there is none. Marked, so that it does not count in the definition's hash. */
  readonly key: { readonly secret: true; readonly value: string } | null;
  /** SHA-1 of the leaf, upper-case hex: what API Management calls certificates by. */
  readonly thumbprint: string;
  readonly at: SourcePosition;
}
