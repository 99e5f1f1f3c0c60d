import type { Provider } from "#model/definition.ts";
import { type ProviderPreset, rulesOf, tenantMark } from "#model/provider-rules.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ProviderInput } from "#config/table/identity.ts";
import { clusterIssuer } from "./cluster.ts";

type IssuerSettings = Pick<Provider, "issuer" | "discovery" | "tenants">;

/** Words in an issuer of Entra ID that stand for tenants, and where its metadata for all of them is. */
const tenantWords: ReadonlySet<string> = new Set(["", "common", "organizations", "consumers", "{tenant}"]);
const entraHosts = /^(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)$/;

/** Whose tokens are meant: one issuer's, or those of listed tenants of an issuer that serves many. */
export function buildIssuer(provider: Named<ProviderInput>, problems: Problems): IssuerSettings {
  const { name, at, value } = provider;
  const written = value.issuer?.value ?? rulesOf(value.preset).issuer ?? defaultOfCluster(value);
  // It has been reported.
  if (written === null) return { issuer: "" };
  checkOrgServer(provider, written, problems);
  const word = tenantWord(written, isEntra(value.preset));
  const tenants = value.tenants?.value ?? [];
  if (word === null) return oneIssuer(provider, written, problems);
  if (tenants.length === 0 || word === "") {
    const place = value.issuer?.at ?? at;
    const fix = "list them: tenants: [<tenant id>]; or put one tenant's id into the issuer";
    problems.error("provider-multi-tenant", place, `the issuer of ${name} serves every tenant`, fix);
  }
  if (word === "") return { issuer: written };
  if (tenants.length > 0) checkSubjects(provider, problems);
  checkTenants(provider, problems);
  const issuer = written.replace(`/${word}`, `/${tenantMark}`);
  const common = ["common", "organizations", "consumers"].includes(word) ? word : "organizations";
  return {
    issuer,
    discovery: issuer.replace(tenantMark, common),
    tenants: tenants.map((tenant) => tenant.toLowerCase()),
  };
}

function defaultOfCluster({ inCluster }: ProviderInput): string | null {
  return inCluster === undefined || inCluster === "off" ? null : clusterIssuer;
}

function oneIssuer({ name, at, value }: Named<ProviderInput>, issuer: string, problems: Problems): IssuerSettings {
  if (value.tenants !== undefined) return { issuer, tenants: value.tenants.value };
  if (!rulesOf(value.preset).open) return { issuer };
  const fix = `list whose tokens are meant, by their claim ${rulesOf(value.preset).claims.tenant}: tenants: [my-organisation]`;
  problems.error("provider-multi-tenant", at, `the issuer of ${name} gives tokens for any audience to everybody`, fix);
  return { issuer };
}

export function servesTenants(issuer: string, preset: ProviderPreset | undefined): boolean {
  return tenantWord(issuer, isEntra(preset)) !== null;
}

export function forTenant(issuer: string, preset: ProviderPreset | undefined, tenant: string): string {
  const word = tenantWord(issuer, isEntra(preset));
  return word === null ? issuer : issuer.replace(`/${word}`, `/${tenant}`);
}

function isEntra(preset: ProviderPreset | undefined): boolean {
  return rulesOf(preset).tenantInIssuer;
}

/** The part of an issuer's path that names its tenants; null when it is one tenant's. */
function tenantWord(issuer: string, entra: boolean): string | null {
  if (issuer.includes(tenantMark)) return tenantMark;
  const url = URL.parse(issuer);
  if (url === null || !(entra || entraHosts.test(url.hostname))) return null;
  const tenant = decodeURIComponent(url.pathname.split("/")[1] ?? "");
  return tenantWords.has(tenant.toLowerCase()) ? tenant : null;
}

/** What a tenant calls its users, another may call its own: the id that Entra gives them is nobody else's. */
function checkSubjects({ name, at, value }: Named<ProviderInput>, problems: Problems): void {
  if (isEntra(value.preset)) return;
  const fix = "add preset: entra-id-v2, or write a provider for each tenant";
  problems.error(
    "value-invalid",
    value.issuer?.at ?? at,
    `${name}: only Entra ID's issuer can have several tenants`,
    fix,
  );
}

/** A token's `iss` holds the id and never the domain name. */
function checkTenants({ name, value }: Named<ProviderInput>, problems: Problems): void {
  const { tenants } = value;
  const wrong = tenants?.value.find((tenant) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenant));
  if (tenants === undefined || wrong === undefined) return;
  const fix = "write the tenant's id as tokens have it in tid: 11111111-2222-3333-4444-555555555555";
  problems.error("value-invalid", tenants.at, `${name}: ${wrong.slice(0, 80)} is not the id of a tenant`, fix);
}

/** Access tokens of Okta's org server are for Okta itself: their form may change, and their keys need not be published. */
function checkOrgServer({ name, at, value }: Named<ProviderInput>, issuer: string, problems: Problems): void {
  if (value.preset !== "okta" || /\/oauth2\/[^/]+\/?$/.test(issuer)) return;
  const fix = "name a custom authorization server: https://example.okta.com/oauth2/default";
  const what = `the issuer of ${name} is Okta's org authorization server, whose access tokens are not for others to check`;
  problems.error("provider-org-server", value.issuer?.at ?? at, what, fix);
}
