import type { DnsProviderSettings, DnsSettings } from "#model/certificates.ts";
import type { Secret } from "#model/secret.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { SecretSource } from "#config/shapes/secret.ts";
import type { Located } from "#config/shapes/shape.ts";
import type { DnsInput, Rfc2136Input } from "#config/table/acme.ts";

/** Each makes its settings of what was written; what is required was reported missing before. */
const providers = {
  command: (run: readonly string[]): DnsProviderSettings => ({ kind: "command", run }),
  webhook: (input: NonNullable<DnsInput["webhook"]>, found: Find): DnsProviderSettings | null => {
    const secret = found(input.secret);
    return secret === null || input.url === undefined ? null : { kind: "webhook", url: input.url, secret };
  },
  rfc2136: (input: Rfc2136Input, found: Find): DnsProviderSettings | null => {
    if (input.server === undefined) return null;
    return { kind: "rfc2136", server: input.server, zone: input.zone ?? null, tsig: tsigOf(input, found) };
  },
  cloudflare: ({ token, endpoint }: NonNullable<DnsInput["cloudflare"]>, found: Find): DnsProviderSettings | null => {
    const secret = found(token);
    return secret === null ? null : { kind: "cloudflare", token: secret, endpoint };
  },
  route53: (input: NonNullable<DnsInput["route53"]>, found: Find): DnsProviderSettings | null => {
    const accessKeyId = found(input.accessKeyId);
    const secretAccessKey = found(input.secretAccessKey);
    if (accessKeyId === null || secretAccessKey === null) return null;
    const { endpoint, hostedZone = null } = input;
    return {
      kind: "route53",
      accessKeyId,
      secretAccessKey,
      sessionToken: found(input.sessionToken),
      hostedZone,
      endpoint,
    };
  },
  azure: (input: NonNullable<DnsInput["azure"]>, found: Find): DnsProviderSettings | null => {
    const clientSecret = found(input.clientSecret);
    const { tenant = "", clientId = "", subscription = "", resourceGroup = "", zone = "", login, endpoint } = input;
    if (clientSecret === null) return null;
    return { kind: "azure", tenant, clientId, clientSecret, subscription, resourceGroup, zone, login, endpoint };
  },
} as const;

type Find = (source: SecretSource | undefined) => Secret | null;
type Kind = keyof typeof providers;

/** Null, and reported, when it cannot be said who sets the records. */
export function buildDns(
  { value, at }: Located<DnsInput>,
  resources: Resources,
  problems: Problems,
): DnsSettings | null {
  const kinds = (Object.keys(providers) as Kind[]).filter((kind) => value[kind] !== undefined);
  const [kind, ...more] = kinds;
  if (kind === undefined || more.length > 0) {
    const fix = `write one of ${Object.keys(providers).join(", ")}`;
    problems.error(
      "value-invalid",
      at,
      `edge.acme.dns names ${kinds.length === 0 ? "no provider" : "several providers"}`,
      fix,
    );
    return null;
  }
  const found: Find = (source) => (source === undefined ? null : (resources.secrets.get(source) ?? null));
  const build = providers[kind] as (input: unknown, found: Find) => DnsProviderSettings | null;
  const provider = build(value[kind], found);
  return provider === null ? null : { provider, resolvers: value.resolvers, timeoutMs: value.timeout };
}

function tsigOf({ tsig }: Rfc2136Input, found: Find): Extract<DnsProviderSettings, { kind: "rfc2136" }>["tsig"] {
  const secret = found(tsig?.secret);
  return tsig?.name === undefined || secret === null ? null : { name: tsig.name, algorithm: tsig.algorithm, secret };
}

/** Where the secrets of an `edge.acme.dns` are read from. */
export function dnsSecrets(input: DnsInput | undefined): readonly (SecretSource | undefined)[] {
  if (input === undefined) return [];
  const { webhook, rfc2136, cloudflare, route53, azure } = input;
  return [
    webhook?.secret,
    rfc2136?.tsig?.secret,
    cloudflare?.token,
    route53?.accessKeyId,
    route53?.secretAccessKey,
    route53?.sessionToken,
    azure?.clientSecret,
  ];
}
