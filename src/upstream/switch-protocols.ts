import { createHash } from "node:crypto";
import type { Exchange, RequestFacts } from "#model/exchange.ts";
import { acceptOf } from "#wire/websocket.ts";

/**
 * The key of the handshake with the upstream: the client's own. Over HTTP/2 a client sends none (RFC 8441 §5); then it
 * is made from the request's id, since all it has to do is to differ from one connection to the next.
 */
export function handshakeKey({ id, protocol, headers }: RequestFacts): string {
  const sent = protocol === "HTTP/2" ? undefined : headers.get("sec-websocket-key");
  return sent ?? createHash("sha256").update(id).digest().subarray(0, 16).toString("base64");
}

/**
 * What is wrong with a 101, or null: another protocol than the one that was asked for would be spoken to a client that
 * reads its bytes as something else.
 *
 * @param fields flat, as received
 * @see RFC 9110 §7.8, RFC 6455 §4.1
 */
export function switchProblem(fields: readonly string[], { facts, request }: Exchange): string | null {
  const taken = soleValue(fields, "upgrade");
  if (taken?.toLowerCase() !== request.upgrade) return "it names another protocol, or none";
  if (!hasOption(fields, "upgrade")) return "Connection does not say upgrade";
  if (request.upgrade !== "websocket") return null;
  const accepted = soleValue(fields, "sec-websocket-accept") ?? "";
  return accepted === acceptOf(handshakeKey(facts)) ? null : "Sec-WebSocket-Accept does not answer the key";
}

function soleValue(fields: readonly string[], lowerName: string): string | undefined {
  const values = valuesOf(fields, lowerName);
  return values.length === 1 ? values[0] : undefined;
}

function valuesOf(fields: readonly string[], lowerName: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    if ((fields[at] as string).toLowerCase() === lowerName) values.push(fields[at + 1] as string);
  }
  return values;
}

function hasOption(fields: readonly string[], option: string): boolean {
  const options = valuesOf(fields, "connection").flatMap((value) => value.split(","));
  return options.some((one) => one.trim().toLowerCase() === option);
}
