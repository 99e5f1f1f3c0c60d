import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import type { Identifier } from "./acme-types.ts";
import { isObject } from "./jws.ts";
import { AcmeRefusal, malformed } from "./refusal.ts";

/** Which names and addresses certificates may be for. */
export interface NameRules {
  allows(identifier: Identifier): boolean;
}

/** @param patterns host names, `*.` for exactly one label, `**.` for any number of them, addresses and CIDR ranges */
export function createNameRules(patterns: readonly string[]): NameRules {
  const exact = new Set<string>();
  const suffixes: { readonly suffix: string; readonly deep: boolean }[] = [];
  const ranges = new BlockList();
  for (const pattern of patterns) {
    const [address = "", bits] = pattern.split("/");
    if (isIP(address) !== 0) {
      const family = isIPv4(address) ? "ipv4" : "ipv6";
      ranges.addSubnet(address, bits === undefined ? (family === "ipv4" ? 32 : 128) : Number(bits), family);
    } else if (pattern.startsWith("**.")) suffixes.push({ suffix: pattern.slice(2), deep: true });
    else if (pattern.startsWith("*.")) suffixes.push({ suffix: pattern.slice(1), deep: false });
    else exact.add(pattern);
  }
  const ends = (name: string): boolean =>
    suffixes.some(({ suffix, deep }) => {
      const label = name.slice(0, -suffix.length);
      return name.endsWith(suffix) && label !== "" && (deep || !label.includes("."));
    });
  return {
    allows: ({ type, value }) =>
      type === "dns" ? exact.has(value) || ends(value) : ranges.check(value, isIPv4(value) ? "ipv4" : "ipv6"),
  };
}

const maxIdentifiers = 20;

/** The identifiers of a new order, each once. @throws AcmeRefusal */
export function readIdentifiers(value: unknown): readonly Identifier[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxIdentifiers) {
    throw malformed(`an order has 1 to ${maxIdentifiers} identifiers`);
  }
  const read = value.map(readIdentifier);
  return [...new Map(read.map((one) => [`${one.type}:${one.value}`, one])).values()];
}

function readIdentifier(item: unknown): Identifier {
  const { type, value } = isObject(item) ? item : {};
  if (typeof value !== "string" || value.length > 253) throw malformed("an identifier has a type and a value");
  if (type === "dns") return { type, value: dnsName(value) };
  if (type === "ip") return { type, value: plainIp(value) };
  throw new AcmeRefusal("unsupportedIdentifier", 400, "identifiers are of type dns or ip");
}

function dnsName(value: string): string {
  const name = value.toLowerCase();
  if (name.startsWith("*.")) {
    throw new AcmeRefusal("rejectedIdentifier", 403, `${name}: wildcards need dns-01, which is not offered here`);
  }
  const isName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/.test(name);
  if (!isName || isIP(name) !== 0) throw malformed("the value of a dns identifier is no host name");
  return name;
}

/** @see RFC 8738 §3: the text form of RFC 5952 */
function plainIp(value: string): string {
  if (isIPv4(value)) return value;
  if (!isIPv6(value) || value.includes("%")) throw malformed("the value of an ip identifier is no address");
  return new URL(`http://[${value}]/`).hostname.slice(1, -1);
}
