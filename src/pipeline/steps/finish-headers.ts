import { applyVia } from "#edge/via.ts";
import type { Exchange, ResponseDraft } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";

/** What every response carries, wherever it came from: the request id, `Via`, and what policies asked for. */
export function finishHeaders(exchange: Exchange, response: ResponseDraft): void {
  const { facts, responseExtras, debug } = exchange;
  const { headers } = response;
  if (responseExtras !== null) addExtras(headers, responseExtras);
  headers.set("X-Request-Id", facts.id);
  if (debug !== null) headers.set(...debug.field(exchange));
  if (response.origin === "upstream") applyVia(headers, "HTTP/1.1");
}

function addExtras(headers: HeaderList, extras: readonly string[]): void {
  for (let at = 0; at < extras.length; at += 2) addExtra(headers, extras[at] as string, extras[at + 1] as string);
}

/** `Vary` of the upstream stays: a cache that forgot it would serve one client's answer to another. */
function addExtra(headers: HeaderList, name: string, value: string): void {
  if (name.toLowerCase() !== "vary") headers.set(name, value);
  else if (!headers.all("vary").some((present) => listed(present, value))) headers.append(name, value);
}

function listed(list: string, member: string): boolean {
  return list.split(",").some((item) => item.trim().toLowerCase() === member.toLowerCase());
}
