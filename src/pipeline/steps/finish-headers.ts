import { applyVia } from "#edge/via.ts";
import type { Exchange, ResponseDraft } from "#model/exchange.ts";

/** What every response carries, wherever it came from: the request id, `Via`, and what policies asked for. */
export function finishHeaders({ facts, responseExtras }: Exchange, response: ResponseDraft): void {
  const { headers } = response;
  for (let at = 0; responseExtras !== null && at < responseExtras.length; at += 2) {
    headers.set(responseExtras[at] as string, responseExtras[at + 1] as string);
  }
  headers.set("X-Request-Id", facts.id);
  if (response.origin === "upstream") applyVia(headers, "HTTP/1.1");
}
