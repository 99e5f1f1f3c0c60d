import { refuse } from "#model/decision.ts";
import { Exchange } from "#model/exchange.ts";
import { askTable } from "./ask-table.ts";
import { Flow } from "./flow.ts";
import type { GatewayHandles } from "./handles.ts";
import type { LinkedSnapshot } from "./linked.ts";

/**
 * Answers a proxy's question about a request. What is decided, counted and recorded is the request that it asks about;
 * the answer goes to the proxy.
 */
export function answerQuestion(asked: Exchange, linked: LinkedSnapshot, handles: GatewayHandles): void {
  const passes = linked.snapshot.edge.forwardAuth?.login === "status" ? { redirects: false as const } : {};
  const facts = linked.forwardAuth?.read(asked.facts) ?? refuse("internal-error");
  if ("kind" in facts) {
    asked.question = { asker: asked.facts.peerAddress, granted: false, ...passes };
    return new Flow(asked, linked, handles, askTable).refuseAtOnce(facts, "forward-auth");
  }
  const exchange = new Exchange(facts, asked.client);
  exchange.question = { asker: asked.facts.peerAddress, granted: false, ...passes };
  if (linked.site?.takes(facts) === true) {
    const detail = "the proxy is to send what is below /.sallyport here, and not to ask about it";
    return new Flow(exchange, linked, handles, askTable).refuseAtOnce(refuse("route-not-found", { detail }));
  }
  exchange.trail.push({ door: "edge", step: "forward-auth", outcome: "passed", micros: 0 });
  return new Flow(exchange, linked, handles, askTable).start();
}
