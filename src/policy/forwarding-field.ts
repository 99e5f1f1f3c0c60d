import type { Exchange } from "#model/exchange.ts";
import { changeHeader } from "./header-change.ts";
import { writableRequestHeaders } from "./request-draft.ts";
import type { Evaluate } from "./values.ts";

/** Where a request came from. The gateway writes them for each attempt, unless a policy has. */
export const forwardingFields: ReadonlySet<string> = new Set([
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
]);

export function isForwardingField(lowerName: string): boolean {
  return forwardingFields.has(lowerName);
}

/**
 * The definition's word takes the place of the gateway's. What the client claimed is nobody's word: it goes before the
 * policy adds to it, and is not there for `skip`; the X-fields of the gateway are.
 */
export function changeForwardingField(
  exchange: Exchange,
  name: string,
  action: string,
  values: readonly Evaluate<string>[],
): void {
  const lowerName = name.toLowerCase();
  if (action === "skip" && lowerName !== "forwarded") return;
  const { request, facts } = exchange;
  const headers = writableRequestHeaders(exchange);
  const isWritten = request.forwardingFields?.includes(lowerName) === true;
  if (!isWritten && !facts.peerTrusted) headers.delete(lowerName);
  changeHeader(headers, name, action, values, exchange);
  if (!isWritten) request.forwardingFields = [...(request.forwardingFields ?? []), lowerName];
}
