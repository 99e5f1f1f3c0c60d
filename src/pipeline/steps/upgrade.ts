import { type Refusal, refuse } from "#model/decision.ts";
import type { Exchange, RequestFacts } from "#model/exchange.ts";
import { isWebSocketKey } from "#wire/websocket.ts";

/**
 * May the request switch to the protocol that it asks for? An offer over HTTP/1.1 that is not for this operation is
 * ignored, as RFC 9110 §7.8 has it, so that a client that offers `h2c` with everything is served. WebSocket clients have
 * no use for another answer, and to an extended CONNECT a 200 would mean that it was taken: they are refused.
 */
export function judgeUpgrade(exchange: Exchange): Refusal | undefined {
  const { facts, route, request } = exchange;
  const protocol = facts.upgrade as string;
  if (route === null || !route.upgrades.includes(protocol)) {
    const isIgnored = facts.protocol !== "HTTP/2" && (protocol !== "websocket" || route?.handler.kind !== "proxy");
    return isIgnored ? undefined : refuse("upgrade-not-allowed", { detail: `upgrade to ${protocol}` });
  }
  request.upgrade = protocol;
  return protocol === "websocket" ? judgeHandshake(facts) : undefined;
}

/** @see RFC 6455 §4.2.1 and, for the version, §4.4; RFC 8441 §5: over HTTP/2 there is no key */
function judgeHandshake({ headers, protocol }: RequestFacts): Refusal | undefined {
  const versions = headers.all("sec-websocket-version");
  if (versions.length !== 1 || versions[0] !== "13") {
    const detail = `version ${versions.join(", ") || "missing"}`;
    return refuse("handshake-invalid", { status: 426, headers: ["Sec-WebSocket-Version", "13"], detail });
  }
  if (protocol === "HTTP/2") return undefined;
  const keys = headers.all("sec-websocket-key");
  const isGood = keys.length === 1 && isWebSocketKey(keys[0] as string);
  return isGood ? undefined : refuse("handshake-invalid", { detail: "Sec-WebSocket-Key" });
}
