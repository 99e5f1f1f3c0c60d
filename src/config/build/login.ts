import type { LoginProvider, LoginSettings } from "#model/login.ts";
import { rulesOf, tenantMark } from "#model/provider-rules.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { IdentityInput, ProviderInput } from "#config/table/identity.ts";
import { forTenant, servesTenants } from "./provider-issuer.ts";

/** How people log in; null where no provider says `login`. */
export function buildLogin(
  { providers, session }: IdentityInput,
  resources: Resources,
  problems: Problems,
): LoginSettings | null {
  const built = providers.flatMap((provider) => buildProvider(provider, resources, problems));
  if (built.length === 0) return null;
  reportTwins(providers, built, problems);
  return {
    providers: built,
    session: { idleMs: session.idle, lifetimeMs: session.lifetime, checkMs: session.check },
  };
}

/** What such a provider says of a session that has ended does not tell which of the two it is of. */
function reportTwins(providers: IdentityInput["providers"], built: readonly LoginProvider[], problems: Problems): void {
  const first = new Map<string, string>();
  for (const { name, issuer, clientId } of built.flatMap(eachTenant)) {
    const key = JSON.stringify([issuer, clientId]);
    const twin = first.get(key);
    const at = providers.find((one) => one.name === name)?.at;
    if (twin === undefined || at === undefined || twin === name) first.set(key, name);
    else {
      const fix = "register a client of its own at the provider, or let people log in with one of them";
      problems.error("login-ambiguous", at, `${name} is the same client of the same issuer as ${twin}`, fix);
    }
  }
}

function buildProvider(
  { name, at, value }: Named<ProviderInput>,
  { secrets }: Resources,
  problems: Problems,
): readonly LoginProvider[] {
  const { login, clientId, clientSecret, clientKey } = value;
  if (login === undefined || login === "off") return [];
  if (clientId === undefined) {
    const fix = "write the clientId that the provider knows this gateway by";
    problems.error("login-incomplete", at, `people cannot log in with ${name} without a clientId`, fix);
  }
  if ((clientSecret === undefined) === (clientKey === undefined)) {
    const fix = "write clientSecret: { env: … }, or clientKey: { file: … } with a private key";
    problems.error("login-incomplete", at, `${name} needs a clientSecret or a clientKey, and one of them alone`, fix);
  }
  const secret = clientSecret && secrets.get(clientSecret);
  const key = clientKey && secrets.get(clientKey);
  // What could not be read has been reported.
  const credential = secret ? ({ kind: "secret", secret } as const) : key && ({ kind: "key", key } as const);
  if (credential === undefined) return [];
  return [
    {
      name,
      label: login.label ?? name,
      ...loginIssuer(value),
      clientId: clientId ?? "",
      credential,
      scopes: [...new Set(["openid", ...login.scopes])],
      prompt: login.prompt ?? null,
    },
  ];
}

/** One tenant's own issuer, or what all that are listed have in common. */
function loginIssuer({ issuer: written, preset, tenants }: ProviderInput): Pick<LoginProvider, "issuer" | "tenants"> {
  const issuer = written?.value ?? rulesOf(preset).issuer ?? "";
  if (!servesTenants(issuer, preset)) return { issuer };
  const listed = [...new Set(tenants?.value.map((tenant) => tenant.toLowerCase()))];
  const [only, ...others] = listed;
  if (only !== undefined && others.length === 0) return { issuer: forTenant(issuer, preset, only) };
  return { issuer: forTenant(issuer, preset, tenantMark), tenants: listed };
}

function eachTenant({
  name,
  clientId,
  issuer,
  tenants,
}: LoginProvider): readonly Pick<LoginProvider, "name" | "clientId" | "issuer">[] {
  const issuers = tenants === undefined ? [issuer] : tenants.map((one) => issuer.replace(tenantMark, one));
  return issuers.map((one) => ({ name, clientId, issuer: one }));
}
