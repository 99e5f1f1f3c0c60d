import { problem } from "#cli/failure.ts";
import { tenantMark } from "#model/provider-rules.ts";
import { LoginFailure, oneLine } from "./login-failure.ts";
import { checkedUrl, type LoginTarget } from "./login-target.ts";

const timeoutMs = 10_000;
const maxBytes = 65_536;

/** Asks a gateway how its people log in from a command line. @throws LoginFailure */
export async function askGatewaySettings(
  address: string,
  ca: string | null,
  tenant: string | undefined,
): Promise<LoginTarget> {
  const { origin } = checkedUrl(address, "a gateway");
  const answer = await ask(origin);
  const { issuer: written, client_id: clientId, scope, resource, audience, prompt } = answer;
  if (typeof written !== "string" || typeof clientId !== "string") throw unknown(origin);
  const issuer = atTenant(written, tenant, origin);
  checkedUrl(issuer, "a provider");
  return {
    name: origin,
    gateway: origin,
    issuer,
    clientId,
    scopes: typeof scope === "string" ? scope.split(" ").filter((one) => one !== "") : ["openid"],
    resource: textOr(resource),
    audience: textOr(audience),
    prompt: textOr(prompt),
    ca,
  };
}

/** A provider of many tenants logs people in at their own. */
function atTenant(issuer: string, tenant: string | undefined, origin: string): string {
  if (issuer.includes(tenantMark) === (tenant !== undefined)) return issuer.replace(tenantMark, tenant ?? "");
  const [message, fix] =
    tenant === undefined
      ? [`people of several tenants log in for ${origin}`, "say of which you are: --tenant <id>"]
      : [`the provider of ${origin} has no tenants to choose from`, "leave out --tenant"];
  throw new LoginFailure(problem(message, "login-tenant", fix));
}

async function ask(origin: string): Promise<Readonly<Record<string, unknown>>> {
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { accept: "application/json" };
  const response = await fetch(`${origin}/.sallyport/cli`, { redirect: "error", headers, signal }).catch(
    (error: unknown) => {
      throw unreachable(origin, error);
    },
  );
  if (response.status !== 200) throw unknown(origin);
  const text = await response.text();
  try {
    if (text.length > maxBytes) throw new Error("too long");
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    throw unknown(origin);
  }
}

function textOr(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function unknown(origin: string): LoginFailure {
  const message = `${origin} does not say how one logs in from a command line`;
  const fix = "have its definition say identity.cli, or name the provider: --issuer <url> --client-id <id>";
  return new LoginFailure(problem(message, "login-not-offered", fix));
}

/** The cause tells more than `fetch failed`. */
export function unreachable(place: string, error: unknown): LoginFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code } = cause as NodeJS.ErrnoException;
  const isUntrusted = code !== undefined && /CERT|SIGNATURE/.test(code);
  const fix = isUntrusted ? "name the authority's certificate: --ca <file>" : "is this its address, and is it running?";
  const why = oneLine(cause instanceof Error ? cause.message : String(cause));
  return new LoginFailure(problem(`${place} does not answer: ${why}`, "address-unreachable", fix));
}
