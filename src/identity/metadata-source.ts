import type { Provider } from "#model/definition.ts";
import { type ProviderRules, rulesOf, tenantMark } from "#model/provider-rules.ts";
import type { MetadataSource } from "./discovery.ts";

/** Where a provider of the definition says what it is and which keys it has. */
export function sourceOf({ issuer, discovery, ca }: Provider, { keyOrigins }: ProviderRules): MetadataSource {
  const authorities = ca === undefined ? {} : { ca };
  return { issuer, base: discovery ?? issuer, keyOrigins, trusted: true, ...authorities };
}

/** The same for a login, which may be at one tenant of an issuer that serves many: that one has metadata of its own. */
export function loginSourceOf(provider: Provider, issuer: string): MetadataSource {
  const source = sourceOf(provider, rulesOf(provider.preset));
  const isOfTenant = provider.issuer.includes(tenantMark) && issuer !== provider.issuer;
  return { ...source, issuer, base: isOfTenant ? issuer : (provider.discovery ?? issuer) };
}
