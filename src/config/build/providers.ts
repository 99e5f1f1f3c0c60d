import type { Provider } from "#model/definition.ts";
import type { Argument } from "#model/policy-tree.ts";
import type { ArgumentUse } from "#notation/policies/policy-reading.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ProviderInput } from "#config/table/identity.ts";

/** Builds the providers. `uses` are the arguments of all policies: `validate-jwt` names audiences too. */
export function buildProviders(
  providers: readonly Named<ProviderInput>[],
  uses: readonly ArgumentUse[],
  problems: Problems,
): readonly Provider[] {
  const named = audiencesByProvider(uses);
  return providers.map((provider) => buildProvider(provider, named.get(provider.name) ?? [], problems));
}

function buildProvider(
  { name, at, value }: Named<ProviderInput>,
  fromPolicies: readonly string[],
  problems: Problems,
): Provider {
  const own = value.clientId === undefined ? value.audiences : [...value.audiences, value.clientId];
  const audiences = [...new Set([...own, ...fromPolicies])];
  if (audiences.length === 0) {
    // Without an audience a token that any other service of the same issuer got would open the doors here.
    const fix = "write audiences: [api://…], a clientId, or audience in a validate-jwt that names it";
    problems.error("provider-audience-missing", at, `the provider ${name} has no audience`, fix);
  }
  checkTenants({ name, at, value }, problems);
  return {
    name,
    issuer: value.issuer?.value ?? "",
    audiences,
    ...(value.clientId === undefined ? {} : { clientId: value.clientId }),
    clockSkewMs: value.clockSkew,
    algorithms: value.algorithms,
    claims: value.claims,
    staleKeysMs: value.staleKeys,
    at,
  };
}

/** Tokens of anybody's tenant come from these issuers. */
function checkTenants({ name, value }: Named<ProviderInput>, problems: Problems): void {
  if (value.tenants !== undefined) {
    const fix = "write one provider for each tenant, with the tenant's id in its issuer";
    problems.error("provider-tenants-unsupported", value.tenants.at, `${name}: tenants is not supported yet`, fix);
    return;
  }
  const { issuer } = value;
  if (issuer === undefined || !isMultiTenant(issuer.value)) return;
  const fix = "put the tenant's id into the issuer: https://login.microsoftonline.com/<tenant id>/v2.0";
  problems.error("provider-multi-tenant", issuer.at, `the issuer of ${name} serves every tenant`, fix);
}

function isMultiTenant(issuer: string): boolean {
  const url = URL.parse(issuer);
  if (
    url === null ||
    !/^(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)$/.test(url.hostname)
  ) {
    return false;
  }
  const tenant = decodeURIComponent(url.pathname.split("/")[1] ?? "").toLowerCase();
  return ["", "common", "organizations", "consumers", "{tenantid}", "{tenant}"].includes(tenant);
}

function audiencesByProvider(uses: readonly ArgumentUse[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { policy, argument, value, args } of uses) {
    if (policy !== "validate-jwt" || argument !== "audience") continue;
    for (const provider of literals(args["provider"])) {
      found.set(provider, [...(found.get(provider) ?? []), ...literals(value)]);
    }
  }
  return found;
}

/** What is written out; computed values cannot be known before a request. */
function literals(argument: Argument | undefined): readonly string[] {
  if (argument?.kind === "list") return argument.items.flatMap(literals);
  return argument?.kind === "literal" ? [String(argument.value)] : [];
}
