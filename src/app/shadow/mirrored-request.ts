import { applyForwardedHeaders } from "#edge/forwarded.ts";
import { removeIdentityHeaders } from "#identity/upstream-identity.ts";
import { withoutCookies } from "#lib/cookies.ts";
import type { RequestFacts } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { EgressRequest } from "#model/ports.ts";
import type { ShadowSettings } from "#model/shadow.ts";
import { ownCookiePrefix } from "#model/site.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";

/** Says that a request is one of ours, and which: an old gateway that mirrors to us does not start a circle. */
export const shadowField = "Sallyport-Shadow";

/** Of the message as it came here, or for this gateway alone. */
const ours: readonly string[] = ["host", "content-length", "expect", "http2-settings", "apim-debug-authorization"];

/**
 * A client's request as the old gateway is asked it: path, query and fields as they were sent, before any policy. What
 * it is told of where the request came from is ours to say, since it may believe us; no cookie of ours, which opens
 * this gateway, goes there.
 */
export function mirroredRequest(
  facts: RequestFacts,
  { to, ca, host, withheldFields, withheldParameters }: ShadowSettings,
): Pick<EgressRequest, "url" | "headers" | "host" | "ca"> {
  const [path = ""] = facts.target.split("?", 1);
  const query = withoutParameters(facts.query, withheldParameters);
  const headers = stripHopByHop(facts.headers, false);
  for (const name of [...ours, ...withheldFields]) headers.delete(name);
  removeIdentityHeaders(headers);
  takeOwnCookies(headers);
  applyForwardedHeaders(headers, facts);
  headers.set(shadowField, facts.id);
  return {
    url: `${to}${path}${query === "" ? "" : `?${query}`}`,
    headers: headers.raw,
    ...(ca !== undefined && { ca }),
    ...(host === "preserve" ? { host: facts.authority } : {}),
  };
}

function takeOwnCookies(headers: HeaderList): void {
  const kept = headers.all("cookie").map((field) => withoutCookies(field, ownCookiePrefix));
  headers.delete("cookie");
  for (const field of kept) if (field !== null) headers.append("Cookie", field);
}

function withoutParameters(query: string, withheld: readonly string[]): string {
  if (withheld.length === 0 || query === "") return query;
  const kept = query.split("&").filter((pair) => !withheld.includes(nameOf(pair)));
  return kept.join("&");
}

/** As whoever reads a query reads it, in any case: another spelling of a key's name is no way around. */
function nameOf(pair: string): string {
  return ([...new URLSearchParams(pair).keys()][0] ?? "").toLowerCase();
}
