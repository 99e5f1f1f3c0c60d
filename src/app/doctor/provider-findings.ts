import { discoverKeySetUrl } from "#identity/discovery.ts";
import { usablePublicKeys } from "#identity/jwks.ts";
import { sourceOf } from "#identity/metadata-source.ts";
import type { Provider } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Finding } from "#model/finding.ts";
import type { Clock, Egress, EgressRequest, EgressResponse } from "#model/ports.ts";
import { rulesOf, tenantMark } from "#model/provider-rules.ts";

/** More than this is worth a word, before tokens are refused for it. */
const noteworthySkewMs = 5_000;
/** A machine that is ahead of the provider ends tokens early by that much; one that is behind refuses new ones at once. */
const fatalLeadMs = 60_000;

/** Each provider as the gateway asks it: what it says of itself, its keys, and whether its clock is ours. */
export async function providerFindings(
  providers: readonly Provider[],
  egress: Egress,
  clock: Clock,
): Promise<readonly Finding[]> {
  const all = await Promise.all(providers.map((provider) => findingsOf(provider, egress, clock)));
  return all.flat();
}

async function findingsOf(provider: Provider, egress: Egress, clock: Clock): Promise<readonly Finding[]> {
  const started = performance.now();
  const base = { group: "identity", name: `keys of ${provider.name}`, ms: 0, fix: null };
  if (provider.issuer.includes(tenantMark)) {
    return [{ ...base, state: "skipped", code: "doctor-many-tenants", detail: "its keys are those of each tenant" }];
  }
  const times = new ProviderTimes(egress, clock);
  const source = sourceOf(provider, rulesOf(provider.preset));
  try {
    const url = await discoverKeySetUrl(source, times);
    const keys = await usablePublicKeys(url, source, times);
    const ms = performance.now() - started;
    const { length } = keys.keys;
    const found: Finding =
      length === 0
        ? { ...base, ms, state: "failed", code: "doctor-no-keys", detail: `${url} has no key that this gateway takes` }
        : { ...base, ms, state: "passed", code: "doctor-keys", detail: `${length} at ${url}` };
    return [found, skewFinding(provider, times.skewMs)];
  } catch (error) {
    const skew = times.skewMs === null ? [] : [skewFinding(provider, times.skewMs)];
    return [{ ...base, ...unreachable(provider, error) }, ...skew];
  }
}

/** Notes by how much the clocks differ, of every answer's `Date`. */
class ProviderTimes implements Egress {
  readonly #egress: Egress;
  readonly #clock: Clock;
  /** Provider's less ours; null: it has told no time. */
  skewMs: number | null = null;

  constructor(egress: Egress, clock: Clock) {
    this.#egress = egress;
    this.#clock = clock;
  }

  async fetch(request: EgressRequest): Promise<EgressResponse> {
    const sent = this.#clock.now();
    const response = await this.#egress.fetch(request);
    const told = Date.parse(response.headers.joined("date") ?? "");
    // The field has whole seconds; half of the way there and back is the best guess at when it was written.
    if (!Number.isNaN(told)) this.skewMs = told + 500 - (sent + this.#clock.now()) / 2;
    return response;
  }
}

function skewFinding({ name, clockSkewMs }: Provider, skewMs: number | null): Finding {
  const base = { group: "identity", name: `clock beside ${name}'s`, ms: 0 };
  if (skewMs === null) {
    return { ...base, state: "skipped", code: "doctor-clock", detail: "its answers have no Date", fix: null };
  }
  const apart = Math.abs(skewMs);
  const which = skewMs > 0 ? "behind" : "ahead of";
  const detail = `this machine is ${(apart / 1000).toFixed(0)} s ${which} it; ${clockSkewMs / 1000} s are allowed for`;
  const fix = "set this machine's clock by NTP (timedatectl), rather than allow for more with clockSkew";
  const isFatal = skewMs > 0 ? apart > clockSkewMs + 1000 : apart > clockSkewMs + fatalLeadMs;
  if (isFatal) {
    const what = skewMs > 0 ? "tokens seem not to be valid yet" : "tokens seem to have expired early";
    return { ...base, state: "failed", code: "doctor-clock", detail: `${detail}: ${what}`, fix };
  }
  return apart > noteworthySkewMs
    ? { ...base, state: "warned", code: "doctor-clock", detail, fix }
    : { ...base, state: "passed", code: "doctor-clock", detail: "less than 5 s apart", fix: null };
}

function unreachable({ issuer }: Provider, error: unknown): Pick<Finding, "state" | "code" | "detail" | "fix"> {
  const detail = `${issuer}: ${words(error)}`;
  const code = "doctor-keys-unreachable";
  return { state: "failed", code, detail, fix: fixFor(detail) };
}

/** With what lies behind it: the first message alone says that it failed. */
function words(error: unknown): string {
  const messages: string[] = [];
  for (let one: unknown = error; one instanceof Error && messages.length < 4; one = one.cause) {
    const { code } = one as NodeJS.ErrnoException;
    messages.push(one instanceof GatewayError || code === undefined ? one.message : `${one.message} (${code})`);
  }
  return [...new Set(messages)].join(": ");
}

function fixFor(text: string): string {
  if (/ENOTFOUND|EAI_AGAIN/.test(text))
    return "its name is not found: is the issuer written right, and does DNS work here?";
  if (/ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|timed out|no answer/i.test(text)) {
    return "nothing answers there: a firewall, or a proxy that has to be gone through?";
  }
  if (/certificate|SELF_SIGNED|UNABLE_TO/i.test(text))
    return "name its CA: identity.providers.….ca, or NODE_EXTRA_CA_CERTS";
  if (/another issuer/.test(text))
    return "write the issuer exactly as its discovery document does, slash at the end or not";
  if (/answered 404/.test(text)) return "is the issuer written right? discovery names another place for its document";
  if (/egress/i.test(text)) return "add the origin of its keys to egress.allow";
  return "tokens are refused while its keys cannot be had; those that are known are kept for a while";
}
