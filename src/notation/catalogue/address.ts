import { isIP } from "node:net";

/** Addresses as numbers: IPv4 as its IPv4-mapped IPv6 address, so that one comparison serves both. Ends included. */
export interface AddressRange {
  readonly from: bigint;
  readonly to: bigint;
}

const ipv4Base = 0xffff_0000_0000n;

/** @returns undefined when `text` is no IP address. A zone (`%eth0`) is ignored. */
export function parseAddress(text: string): bigint | undefined {
  const zone = text.indexOf("%");
  const address = zone < 0 ? text : text.slice(0, zone);
  const family = isIP(address);
  if (family === 4) return ipv4Base + BigInt(ipv4Number(address));
  return family === 6 ? ipv6Number(address) : undefined;
}

/** An address or a CIDR range. @returns undefined when `text` is neither */
export function parseRange(text: string): AddressRange | undefined {
  const slash = text.indexOf("/");
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { from: address, to: address };
  const prefix = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  return withPrefix(address, Number(prefix), text.includes(":") ? 128 : 32);
}

function withPrefix(address: bigint, prefix: number, width: number): AddressRange | undefined {
  if (prefix > width) return undefined;
  const mask = (1n << BigInt(width - prefix)) - 1n;
  return { from: address & ~mask, to: address | mask };
}

function ipv4Number(text: string): number {
  let value = 0;
  let part = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) {
      value = value * 256 + part;
      part = 0;
    } else part = part * 10 + (code - 0x30);
  }
  return value * 256 + part;
}

/** @see RFC 4291 §2.2; the syntax was checked before. */
function ipv6Number(text: string): bigint {
  const [head = "", tail] = text.split("::");
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const embedded = ipv4Number(group);
    return [Math.floor(embedded / 65_536), embedded % 65_536];
  });
}
