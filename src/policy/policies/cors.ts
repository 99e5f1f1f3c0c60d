import type { Answer } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { allowedOriginOf, compileCors } from "#policy/cors-rules.ts";

/**
 * The actual request of a browser. A match marks the final response; the first cors policy that matches is the one
 * that counts. A mismatch of GET or HEAD is answered at once, empty; other methods go on without the marks, and the
 * browser keeps the answer from the page.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const rules = compileCors(node, context.ports.clock);
  return (exchange) => {
    const origin = exchange.facts.headers.get("origin");
    if (origin === undefined || isMarked(exchange)) return undefined;
    const allowed = allowedOriginOf(rules, origin, exchange);
    if (allowed === undefined) return unmatched(exchange, rules.terminates(exchange));
    if (allowed !== "*") exchange.addResponseHeader("Vary", "Origin");
    exchange.addResponseHeader("Access-Control-Allow-Origin", allowed);
    if (rules.credentials(exchange)) exchange.addResponseHeader("Access-Control-Allow-Credentials", "true");
    if (rules.exposed !== "") exchange.addResponseHeader("Access-Control-Expose-Headers", rules.exposed);
    return undefined;
  };
}

function isMarked(exchange: Exchange): boolean {
  return exchange.responseExtras?.includes("Access-Control-Allow-Origin") ?? false;
}

function unmatched(exchange: Exchange, terminates: boolean): Answer | undefined {
  exchange.addResponseHeader("Vary", "Origin");
  const { method } = exchange.facts;
  if (!terminates || (method !== "GET" && method !== "HEAD")) return undefined;
  return { kind: "answer", status: 200, headers: new HeaderList(), body: null };
}
