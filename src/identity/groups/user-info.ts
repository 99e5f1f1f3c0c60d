import { Buffer } from "node:buffer";
import { listAt } from "#identity/claim-values.ts";
import { checkedUrl, discover } from "#identity/discovery.ts";
import { sourceOf } from "#identity/metadata-source.ts";
import { parseStrictObject } from "#identity/strict-json.ts";
import type { Provider } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { GroupAnswer, GroupQuestion } from "#model/group-lookup.ts";
import type { Clock, Egress } from "#model/ports.ts";
import { rulesOf } from "#model/provider-rules.ts";

const timeoutMs = 5000;
const maxBytes = 256 * 1024;
/** Where the endpoint is, is asked again after so long. */
const freshMs = 60 * 60_000;

export interface UserInfoPorts {
  readonly egress: Egress;
  readonly clock: Pick<Clock, "mono">;
}

/** Asks providers' userinfo endpoints about whoever comes with a token of theirs. @see OpenID Connect Core 1.0 §5.3 */
export class UserInfoGroups {
  readonly #ports: UserInfoPorts;
  readonly #places = new Map<string, { readonly url: Promise<string>; readonly at: number }>();

  constructor(ports: UserInfoPorts) {
    this.#ports = ports;
  }

  /** @throws GatewayError `idp-unreachable`, `idp-malformed`, and what {@link Egress} throws */
  async ask(
    provider: Provider,
    { text, subject }: NonNullable<GroupQuestion["token"]>,
  ): Promise<Omit<GroupAnswer, "until">> {
    const url = await this.#placeOf(provider);
    const { base, keyOrigins, ca } = sourceOf(provider, rulesOf(provider.preset));
    const { origin } = new URL(url);
    const { status, body } = await this.#ports.egress.fetch({
      url,
      headers: ["Accept", "application/json", "Authorization", `Bearer ${text}`],
      timeoutMs,
      maxBytes,
      declared: origin === new URL(base).origin || keyOrigins.includes(origin),
      keepAlive: true,
      ...(ca === undefined ? {} : { ca }),
    });
    // RFC 6750 §3.1: expired, revoked, or of nobody any more. 403 is a token that is not for this endpoint.
    if (status === 401) return { groups: [], isTakenBack: true };
    if (status !== 200)
      throw new GatewayError("idp-unreachable", 503, `userinfo answered ${status}`, { source: "idp" });
    const said = parseStrictObject(Buffer.from(body).toString("utf8"));
    if (said === undefined) throw malformed("no JSON object with unique names");
    // §5.3.2: a provider that mixes people up is not believed.
    if (said["sub"] !== subject) throw malformed("it speaks of somebody else");
    return { groups: listAt(said, provider.claims.groups) };
  }

  #placeOf(provider: Provider): Promise<string> {
    const { egress, clock } = this.#ports;
    const key = `${provider.name} ${provider.issuer} ${provider.discovery ?? ""}`;
    const known = this.#places.get(key);
    if (known !== undefined && clock.mono() - known.at < freshMs) return known.url;
    const source = sourceOf(provider, rulesOf(provider.preset));
    const url = discover(source, egress).then((found) => checkedUrl(found["userinfo_endpoint"], source.base));
    this.#places.set(key, { url, at: clock.mono() });
    // One that failed is asked again by the next.
    url.catch(() => this.#places.delete(key));
    return url;
  }
}

function malformed(why: string): GatewayError {
  return new GatewayError("idp-malformed", 503, `userinfo: ${why}`, { source: "idp" });
}
