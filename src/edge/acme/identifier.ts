import { isIP, isIPv6 } from "node:net";
import type { Identifier } from "./resources.ts";

/** @param name a host name, a `*.` wildcard or an address */
export function identifierOf(name: string): Identifier {
  return isIP(name) === 0 ? { type: "dns", value: name } : { type: "ip", value: name };
}

/** The server name of a tls-alpn-01 validation: addresses cannot stand in SNI, so their reverse names do. @see RFC 8738 §6 */
export function serverNameOf({ type, value }: Identifier): string {
  if (type === "dns") return value;
  if (!isIPv6(value)) return `${value.split(".").toReversed().join(".")}.in-addr.arpa`;
  return `${[...nibbles(value)].toReversed().join(".")}.ip6.arpa`;
}

function nibbles(address: string): string {
  const full = address.includes(".") ? withoutDots(address) : address;
  const [head = "", tail] = full.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros: string[] = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join("");
}

/** `::ffff:1.2.3.4` → `::ffff:102:304`. */
function withoutDots(address: string): string {
  const at = address.lastIndexOf(":") + 1;
  const [a = 0, b = 0, c = 0, d = 0] = address.slice(at).split(".").map(Number);
  return `${address.slice(0, at)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
