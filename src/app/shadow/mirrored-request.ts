import type { RequestFacts } from "#model/exchange.ts";
import type { ShadowSettings } from "#model/shadow.ts";

/** Says that a request is one of ours, and which: an old gateway that mirrors to us does not start a circle. */
export const shadowField = "Sallyport-Shadow";

/** Of the connection that it came on. @see RFC 9110 §7.6.1 */
const ofTheConnection: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export interface MirroredRequest {
  readonly url: string;
  /** Flat `[name, value, …]`. */
  readonly headers: readonly string[];
}

/** A client's request as the old gateway is asked it: path, query and fields as they were sent. */
export function mirroredRequest(facts: RequestFacts, settings: ShadowSettings): MirroredRequest {
  const [path = ""] = facts.target.split("?", 1);
  const query = withoutParameters(facts.query, settings.withheldParameters);
  const named = (facts.headers.joined("connection") ?? "").toLowerCase().split(/\s*,\s*/);
  const { raw } = facts.headers;
  const headers: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    if (ofTheConnection.has(name) || named.includes(name) || settings.withheldFields.includes(name)) continue;
    headers.push(raw[at] as string, raw[at + 1] as string);
  }
  headers.push(shadowField, facts.id);
  return { url: `${settings.to}${path}${query === "" ? "" : `?${query}`}`, headers };
}

function withoutParameters(query: string, withheld: readonly string[]): string {
  if (withheld.length === 0 || query === "") return query;
  const kept = query.split("&").filter((pair) => !withheld.includes(nameOf(pair)));
  return kept.join("&");
}

/** As forms write it; a name that is not well-formed is nobody's key. */
function nameOf(pair: string): string {
  const [name = ""] = pair.split("=", 1);
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
}
