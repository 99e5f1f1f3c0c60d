import type { AcmeChallenge, TsigAlgorithm } from "#model/certificates.ts";
import { parseHost } from "#config/checks/host.ts";
import { parseDirectory, parseNameServer } from "#config/checks/acme.ts";
import { parseBackendUrl, parseServiceUrl } from "#config/checks/urls.ts";
import { choice } from "#config/shapes/choice.ts";
import { list, oneOrMore } from "#config/shapes/list.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface EabInput {
  readonly keyId: string | undefined;
  readonly hmacKey: SecretSource | undefined;
}

export interface IssuerInput {
  readonly directory: string | undefined;
  readonly staging: string | undefined;
  readonly eab: EabInput | undefined;
  readonly profile: string | undefined;
  readonly preferredChain: string | undefined;
  readonly ca: Located<string> | undefined;
}

export interface OnDemandInput {
  readonly ask: string | undefined;
  readonly allow: readonly string[];
  readonly perMinute: number;
}

export interface DnsInput {
  readonly command: readonly string[] | undefined;
  readonly webhook: WebhookInput | undefined;
  readonly rfc2136: Rfc2136Input | undefined;
  readonly cloudflare: CloudflareInput | undefined;
  readonly route53: Route53Input | undefined;
  readonly azure: AzureInput | undefined;
  readonly resolvers: readonly string[];
  readonly timeout: number;
}

export interface WebhookInput {
  readonly url: string | undefined;
  readonly secret: SecretSource | undefined;
}

export interface Rfc2136Input {
  readonly server: string | undefined;
  readonly zone: string | undefined;
  readonly tsig: TsigInput | undefined;
}

export interface TsigInput {
  readonly name: string | undefined;
  readonly algorithm: TsigAlgorithm;
  readonly secret: SecretSource | undefined;
}

export interface CloudflareInput {
  readonly token: SecretSource | undefined;
  readonly endpoint: string;
}

export interface Route53Input {
  readonly accessKeyId: SecretSource | undefined;
  readonly secretAccessKey: SecretSource | undefined;
  readonly sessionToken: SecretSource | undefined;
  readonly hostedZone: string | undefined;
  readonly endpoint: string;
}

export interface AzureInput {
  readonly tenant: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: SecretSource | undefined;
  readonly subscription: string | undefined;
  readonly resourceGroup: string | undefined;
  readonly zone: string | undefined;
  readonly login: string;
  readonly endpoint: string;
}

export interface AcmeInput {
  readonly issuers: readonly IssuerInput[];
  readonly challenges: readonly AcmeChallenge[] | undefined;
  readonly dns: Located<DnsInput> | undefined;
  readonly onDemand: Located<OnDemandInput> | undefined;
  readonly keyType: "p256" | "p384" | "rsa2048" | "rsa4096";
  readonly privateHosts: readonly string[];
  readonly storage: string | undefined;
  readonly storageKey: SecretSource | undefined;
}

const host = text("a host name", parseHost);
const url = text("a URL", parseServiceUrl);
const endpoint = text("a URL", parseBackendUrl);

const issuerShape = object<IssuerInput>("an issuer", {
  directory: {
    shape: text("letsencrypt, letsencrypt-staging, zerossl, google, or the URL of a directory", parseDirectory),
    about: "letsencrypt, letsencrypt-staging, zerossl, google, or the URL of an ACME directory.",
    required: true,
  },
  staging: {
    shape: text("the URL of a directory", parseDirectory),
    about: "Directory that retries go to first; known of letsencrypt and google.",
  },
  eab: {
    shape: object<EabInput>("eab", {
      keyId: { shape: anyText, about: "Key id of the account that one has there.", required: true },
      hmacKey: { shape: secret, about: "HMAC key of that account, base64url.", required: true },
    }),
    about: "External account binding, where the issuer wants one (ZeroSSL, Google).",
  },
  profile: { shape: anyText, about: "Certificate profile, such as shortlived; the issuer's usual one when absent." },
  preferredChain: { shape: anyText, about: "Common name at the top of the chain that is wished for." },
  ca: { shape: located(anyText), about: "PEM file of CAs that the issuer's own HTTPS is trusted by." },
});

const onDemandShape = object<OnDemandInput>("onDemand", {
  ask: { shape: url, about: "Asked with GET ?domain=<name> before a certificate is ordered; 2xx allows." },
  allow: {
    shape: oneOrMore(host),
    about: "Names that are allowed without asking; *.example.com for one label.",
    default: [],
  },
  perMinute: { shape: integer(1, 1000), about: "New names in any minute.", default: 10 },
});

const tsigShape = object<TsigInput>("tsig", {
  name: { shape: host, about: "Name of the key.", required: true },
  algorithm: {
    shape: choice(["hmac-sha256", "hmac-sha384", "hmac-sha512"]),
    about: "Its algorithm.",
    default: "hmac-sha256",
  },
  secret: { shape: secret, about: "The key, base64.", required: true },
});

const dnsShape = object<DnsInput>("dns", {
  command: {
    shape: list(anyText, 1),
    about: "Program and arguments; called with present or remove, the record's name and its text behind them.",
  },
  webhook: {
    shape: object<WebhookInput>("webhook", {
      url: { shape: url, about: "Gets a POST with { action, name, text }.", required: true },
      secret: { shape: secret, about: "Key of the HMAC-SHA256 in the header Sallyport-Signature.", required: true },
    }),
    about: "A service of your own that sets the record.",
  },
  rfc2136: {
    shape: object<Rfc2136Input>("rfc2136", {
      server: {
        shape: text("a name server", parseNameServer),
        about: "address[:port] of the primary.",
        required: true,
      },
      zone: { shape: host, about: "Zone that is updated; asked for when absent." },
      tsig: { shape: tsigShape, about: "Key that updates are signed with." },
    }),
    about: "Dynamic updates (BIND, Knot, PowerDNS).",
  },
  cloudflare: {
    shape: object<CloudflareInput>("cloudflare", {
      token: { shape: secret, about: "API token with Zone:Read and DNS:Edit.", required: true },
      endpoint: { shape: endpoint, about: "The API.", default: "https://api.cloudflare.com" },
    }),
    about: "Cloudflare.",
  },
  route53: {
    shape: object<Route53Input>("route53", {
      accessKeyId: { shape: secret, about: "Access key id.", required: true },
      secretAccessKey: { shape: secret, about: "Secret access key.", required: true },
      sessionToken: { shape: secret, about: "Session token of temporary credentials." },
      hostedZone: { shape: anyText, about: "Id of the hosted zone; looked up by name when absent." },
      endpoint: { shape: endpoint, about: "The API.", default: "https://route53.amazonaws.com" },
    }),
    about: "Amazon Route 53.",
  },
  azure: {
    shape: object<AzureInput>("azure", {
      tenant: { shape: anyText, about: "Tenant id.", required: true },
      clientId: { shape: anyText, about: "Client id of the service principal.", required: true },
      clientSecret: { shape: secret, about: "Its secret.", required: true },
      subscription: { shape: anyText, about: "Subscription id.", required: true },
      resourceGroup: { shape: anyText, about: "Resource group of the zone.", required: true },
      zone: { shape: host, about: "The zone.", required: true },
      login: { shape: endpoint, about: "Where tokens come from.", default: "https://login.microsoftonline.com" },
      endpoint: { shape: endpoint, about: "The API.", default: "https://management.azure.com" },
    }),
    about: "Azure DNS.",
  },
  resolvers: {
    shape: list(text("a name server", parseNameServer)),
    about: "Name servers that must see the record; the zone's own when absent.",
    default: [],
  },
  timeout: {
    shape: duration(0, 3_600_000),
    about: "How long is waited until they see it; 0s: not at all.",
    default: 120_000,
  },
});

export const acmeShape: ObjectShape<AcmeInput> = object<AcmeInput>("edge.acme", {
  issuers: {
    shape: list(issuerShape, 1),
    about: "Certificate authorities, in the order they are asked; Let's Encrypt when absent.",
    default: [{ ...issuerShape.empty, directory: "letsencrypt" }],
  },
  challenges: {
    shape: list(choice(["http-01", "tls-alpn-01", "dns-01"]), 1),
    about: "How names are proven, in this order; dns-01 alone where dns is set, else tls-alpn-01 and http-01.",
  },
  dns: { shape: located(dnsShape), about: "Who sets DNS records for dns-01, which wildcards need." },
  onDemand: {
    shape: located(onDemandShape),
    about: "Certificates for names that are not known before a client comes.",
  },
  keyType: {
    shape: choice(["p256", "p384", "rsa2048", "rsa4096"]),
    about: "Key of the certificates.",
    default: "p256",
  },
  privateHosts: {
    shape: oneOrMore(host),
    about: "Private names and addresses that these issuers serve as well; *.corp.internal for one label.",
    default: [],
  },
  storage: { shape: anyText, about: "Folder that several nodes share; in the data folder when absent." },
  storageKey: {
    shape: secret,
    about: "Key that they have in common and seal it with: 32 bytes as base64 or hex; several, the newest first.",
  },
});
