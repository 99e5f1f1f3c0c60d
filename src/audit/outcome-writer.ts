import type { Exchange } from "#model/exchange.ts";
import { reasons } from "#model/reasons.ts";
import { type JsonWriter, piece } from "./json-writer.ts";

/** Writes what was decided and how it ended. */
export function writeOutcome(json: JsonWriter, exchange: Exchange): void {
  if (exchange.refusal === null) json.copy(pieces.allowed);
  else {
    json.copy(pieces.decision);
    json.raw(decisionOf(exchange));
    json.copy(pieces.reasons);
    json.raw(reasonsOf(exchange));
    json.copy(pieces.status);
  }
  json.count(statusOf(exchange));
  if (exchange.question !== null) {
    json.copy(pieces.unseen);
    json.text(exchange.question.asker, 64);
  }
  json.copy(pieces.bytesIn);
  json.count(exchange.bytesIn);
  json.copy(pieces.bytesOut);
  json.count(exchange.bytesOut);
}

/** Why the request was refused: the refusal's reason, what the trail adds, and why a credential was not used. */
function reasonsOf({ refusal, trail, identityNote }: Exchange): string {
  const codes = new Set<string>();
  if (refusal !== null) codes.add(refusal.reason);
  for (const { reason } of trail) if (reason !== undefined) codes.add(reason);
  if (identityNote !== null) codes.add(identityNote);
  return [...codes].map((code) => `"${code}"`).join(",");
}

/**
 * Deny when the request was refused. How an exchange that was let through *ended* is no denial: a client that breaks off a
 * download must not turn the record of what it was given into one of a request that was turned away.
 */
export function decisionOf({ refusal, response, upstream, aborted }: Exchange): "allow" | "deny" {
  if (refusal === null) return "allow";
  // Whoever goes away from an answer was given one, by whomever: a cache, a policy, a page of the gateway's own.
  const given = upstream !== null || response?.origin === "content" || (aborted && response !== null);
  const { reason } = refusal;
  const ending = aborted || endings.has(reason) || reason.startsWith("upstream-");
  return given && ending ? "allow" : "deny";
}

/**
 * What the client saw; 499 when it was gone (nginx's number for it), 0 when nothing was ever decided. Of what the gateway
 * broke off at its own end: that of the answer that was under way, or 503.
 */
export function statusOf({ refusal, response, aborted }: Exchange): number {
  if (aborted && refusal?.reason !== "shutting-down") return 499;
  if (response !== null) return response.status;
  return refusal === null ? 0 : (refusal.status ?? reasons[refusal.reason].status);
}

/** Reasons that tell how something ended that was let through. */
const endings: ReadonlySet<string> = new Set([
  "access-withdrawn",
  "client-aborted",
  "file-changed",
  "shutting-down",
  "stream-idle",
]);

const pieces = {
  allowed: piece(',"decision":"allow","reasons":[],"status":'),
  decision: piece(',"decision":"'),
  reasons: piece('","reasons":['),
  status: piece('],"status":'),
  unseen: piece(',"response":"unseen","askedBy":'),
  bytesIn: piece(',"bytesIn":'),
  bytesOut: piece(',"bytesOut":'),
} as const;
