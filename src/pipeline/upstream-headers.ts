import { applyForwarded, applyForwardedHeaders } from "#edge/forwarded.ts";
import { applyVia } from "#edge/via.ts";
import { applyIdentityHeaders, removeIdentityHeaders } from "#identity/upstream-identity.ts";
import type { Exchange, RequestDraft } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";
import { applyTrace } from "./trace-headers.ts";

/**
 * The header fields that go upstream: the draft's, without those of the client's connection, with the truth about
 * where the request came from and who makes it. Made last, for each attempt, so that no client leaves a forged one
 * behind, and no policy one about who calls. The draft's own list stays as it is.
 * @param isTold the destination is told in header fields who calls
 */
export function upstreamHeaders(
  { facts, request, principal, subscription, trace }: Exchange,
  forwardedHeader: boolean,
  isTold = true,
): HeaderList {
  const headers = stripHopByHop(request.headers, true);
  // Ours, not the client's: by it the upstream's log and the record are found together.
  headers.set("X-Request-Id", facts.id);
  applyForwardedHeaders(headers, facts);
  if (forwardedHeader) applyForwarded(headers, facts);
  if (request.forwardingFields !== null) takeWritten(headers, request, request.forwardingFields);
  applyVia(headers, facts.protocol);
  if (trace !== null) applyTrace(headers, trace);
  if (isTold) applyIdentityHeaders(headers, principal, subscription);
  else removeIdentityHeaders(headers);
  return headers;
}

/** What `set-header` says of where the request came from is the definition's word. */
function takeWritten(headers: HeaderList, { headers: { raw } }: RequestDraft, names: readonly string[]): void {
  for (const name of names) headers.delete(name);
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string;
    if (names.includes(name.toLowerCase())) headers.append(name, raw[at + 1] as string);
  }
}
