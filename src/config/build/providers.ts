import type { Provider } from "#model/definition.ts";
import type { Argument } from "#model/policy-tree.ts";
import type { ArgumentUse } from "#notation/policies/policy-reading.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { Resources } from "#config/resources.ts";
import type { ClaimsInput, ProviderInput } from "#config/table/identity.ts";
import { type ClaimNames, rulesOf } from "#model/provider-rules.ts";
import { buildCluster } from "./cluster.ts";
import { buildGraph } from "./graph.ts";
import { buildUserInfo } from "./user-info.ts";
import { buildIssuer } from "./provider-issuer.ts";

/** Builds the providers. `uses` are the arguments of all policies: `validate-jwt` names audiences too. */
export function buildProviders(
  providers: readonly Named<ProviderInput>[],
  uses: readonly ArgumentUse[],
  { certificates, resolve }: Pick<Resources, "certificates" | "resolve">,
  problems: Problems,
): readonly Provider[] {
  const named = audiencesByProvider(uses);
  return providers.map((provider) => {
    const { ca } = provider.value;
    const pem = ca === undefined ? undefined : certificates.get(ca.value);
    const inCluster = buildCluster(provider, resolve, problems);
    const graph = buildGraph(provider, problems);
    const userInfo = buildUserInfo(provider, problems);
    return {
      ...buildProvider(provider, named.get(provider.name) ?? [], problems),
      ...(pem === undefined ? {} : { ca: pem }),
      ...(inCluster === undefined ? {} : { inCluster }),
      ...(graph === undefined ? {} : { graph }),
      ...(userInfo === undefined ? {} : { userInfo }),
    };
  });
}

function buildProvider(provider: Named<ProviderInput>, fromPolicies: readonly string[], problems: Problems): Provider {
  const { name, at, value } = provider;
  const own = value.clientId === undefined ? value.audiences : [...value.audiences, value.clientId];
  const audiences = [...new Set([...own, ...fromPolicies])];
  if (audiences.length === 0) {
    // Without an audience a token that any other service of the same issuer got would open the doors here.
    const fix = "write audiences: [api://…], a clientId, or audience in a validate-jwt that names it";
    problems.error("provider-audience-missing", at, `the provider ${name} has no audience`, fix);
  }
  checkUsers(provider, problems);
  const rules = rulesOf(value.preset);
  return {
    name,
    ...(value.preset === undefined ? {} : { preset: value.preset }),
    ...buildIssuer(provider, problems),
    audiences,
    ...(value.clientId === undefined ? {} : { clientId: value.clientId }),
    ...(value.agents.length === 0 ? {} : { agents: value.agents }),
    ...(value.dpop === undefined ? {} : { dpop: value.dpop }),
    ...(value.dpopNonces ? { dpopNonces: true } : {}),
    clockSkewMs: value.clockSkew,
    algorithms: value.algorithms,
    claims: claimsOf(value.claims, rules.claims),
    users: value.users ?? null,
    staleKeysMs: value.staleKeys,
    at,
  };
}

function claimsOf(written: ClaimsInput, preset: ClaimNames): ClaimNames {
  const { groups, roles, name, email, tenant } = written;
  return {
    groups: groups ?? preset.groups,
    roles: roles ?? preset.roles,
    name: name ?? preset.name,
    email: email ?? preset.email,
    tenant: tenant ?? preset.tenant,
  };
}

function checkUsers({ name, at, value: { users } }: Named<ProviderInput>, problems: Problems): void {
  if (users?.provision !== true || !users.required) return;
  const message = `users of ${name} are made when they come, and refused because they are not there yet`;
  problems.error("provider-users-contradictory", at, message, "write one of provision: true and required: true");
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
