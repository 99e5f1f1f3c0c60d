import type { TrustedMetadata } from "#model/token-trust.ts";
import { expressionFailed } from "./failure.ts";

const publicCloud = "https://login.microsoftonline.com";

/** Who signs tokens of the first version, by the endpoint of the cloud. */
const firstVersionIssuers: Readonly<Record<string, string>> = {
  "https://login.partner.microsoftonline.cn": "https://sts.chinacloudapi.cn",
  "https://login.chinacloudapi.cn": "https://sts.chinacloudapi.cn",
};

/** Names that stand for every tenant there is. */
const everybody: ReadonlySet<string> = new Set(["common", "organizations", "consumers"]);

const tenantName = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/;

/**
 * Where the keys of a tenant are. The tenant is an id, a domain, or the URL that begins with the endpoint.
 * @throws GatewayError `expression-failed` for a computed one that would lead anywhere else
 */
export function metadataOf(tenant: string, endpoint: string | undefined, declared: boolean): TrustedMetadata {
  const [, ofTenant, name = ""] = /^(https?:\/\/[^/?#@\s]+\/)?([^/?#]*)\/?$/.exec(tenant.trim()) ?? [];
  const base = endpointOf(ofTenant ?? endpoint);
  if (ofTenant !== undefined && !declared) throw expressionFailed("a computed tenant is a URL");
  if (!tenantName.test(name) || everybody.has(name.toLowerCase())) throw expressionFailed("the tenant is none");
  return { url: `${base}/${name}/v2.0/.well-known/openid-configuration`, declared };
}

function endpointOf(endpoint: string | undefined): string {
  const text = (endpoint ?? publicCloud).trim().replace(/\/+$/, "");
  if (/^https?:\/\/[^/?#@\s]+$/.test(text)) return text;
  throw expressionFailed("the authentication endpoint is no URL");
}

/**
 * Both issuers of the tenant whose metadata names one: its applications choose the version of their tokens.
 * @param issuer of the metadata: `https://login.microsoftonline.com/<id>/v2.0`
 */
export function issuersOf(issuer: string): readonly string[] {
  const found = /^(https?:\/\/[^/]+)\/([0-9a-f-]{36})\/v2\.0$/i.exec(issuer);
  if (found === null) return [issuer];
  const [, endpoint = "", id = ""] = found;
  return [issuer, `${firstVersionIssuers[endpoint] ?? "https://sts.windows.net"}/${id}/`];
}
