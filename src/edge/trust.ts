import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import { GatewayError } from "#model/errors.ts";
import { unixPeer } from "#model/listen-place.ts";

/** Which peers are proxies whose forwarded headers are believed. */
export interface Trust {
  /** Never true for an empty address, whose socket was gone before anybody asked, nor for other text that is none. */
  trusts(address: string): boolean;
}

/**
 * @param ranges addresses and CIDR ranges; `unix` for peers on Unix sockets
 * @throws GatewayError `definition-invalid` for an entry that is neither
 */
export function createTrust(ranges: readonly string[]): Trust {
  if (ranges.length === 0) return { trusts: () => false };
  const list = new BlockList();
  for (const range of ranges) if (range !== unixPeer) addRange(list, range);
  const unix = ranges.includes(unixPeer);
  return {
    trusts: (address) => {
      if (address === unixPeer) return unix;
      return isIP(address) !== 0 && list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
    },
  };
}

/** The same, and this peer, which has shown by other means than its address that it is to be believed. */
export function trustedBeside(trust: Trust, peer: string): Trust {
  return { trusts: (address) => address === peer || trust.trusts(address) };
}

function addRange(list: BlockList, range: string): void {
  const [address = "", bits, ...rest] = range.split("/");
  const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : null;
  const prefix = bits === undefined ? (family === "ipv4" ? 32 : 128) : prefixLength(bits);
  if (family === null || rest.length > 0 || prefix > (family === "ipv4" ? 32 : 128)) {
    throw new GatewayError("definition-invalid", 500, `trustedProxies: not an address or CIDR range: ${range}`);
  }
  list.addSubnet(address, prefix, family);
}

function prefixLength(bits: string): number {
  return /^\d{1,3}$/.test(bits) ? Number(bits) : Number.POSITIVE_INFINITY;
}

/** An IPv4 peer of a dual-stack socket (`::ffff:192.0.2.1`) is shown as IPv4, so that one rule covers both. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return "";
  return address.startsWith("::ffff:") && isIPv4(address.slice(7)) ? address.slice(7) : address;
}

/**
 * The client behind trusted proxies: right to left, the first address that is not trusted. Never the leftmost as
 * such, which the client writes. An entry that is no address ends the walk at the one before it.
 *
 * @param forwardedFor `X-Forwarded-For`, all fields joined; undefined when absent
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trust: Trust): string {
  if (forwardedFor === undefined) return peer;
  let client = peer;
  let end = forwardedFor.length;
  while (end > 0 && trust.trusts(client)) {
    const comma = forwardedFor.lastIndexOf(",", end - 1);
    const address = addressOf(forwardedFor.slice(comma + 1, end).trim());
    if (address === null) return client;
    client = address;
    end = comma;
  }
  return client;
}

/** Address of an entry of X-Forwarded-For, or null. Some proxies write a port behind it. */
export function addressOf(entry: string): string | null {
  if (isIP(entry) !== 0) return plainAddress(entry);
  const bracketed = /^\[([0-9a-fA-F:.]+)\](?::\d{1,5})?$/.exec(entry);
  if (bracketed !== null) return isIPv6(bracketed[1] ?? "") ? plainAddress(bracketed[1]) : null;
  const ported = /^([0-9.]+):\d{1,5}$/.exec(entry);
  return ported !== null && isIPv4(ported[1] ?? "") ? (ported[1] ?? null) : null;
}
