import { bytesOf4, bytesOf6 } from "#lib/ip-bytes.ts";
import { isIPv4, isIPv6 } from "node:net";

/**
 * What an address is good for. `private` may be meant; everything after it is never a place that a request may
 * choose by itself.
 */
export type AddressKind =
  | "public"
  | "private"
  | "loopback"
  | "link-local"
  | "metadata"
  | "unspecified"
  | "multicast"
  | "reserved"
  | "invalid";

type Range = readonly [base: string, prefix: number, kind: AddressKind];

/**
 * First match wins. Metadata services hand out the machine's own credentials: the classic goal of request forgery.
 * @see RFC 6890 and the IANA special-purpose address registries
 */
const ranges4: readonly Range[] = [
  ["169.254.169.254", 32, "metadata"],
  ["169.254.170.2", 32, "metadata"],
  ["168.63.129.16", 32, "metadata"],
  ["100.100.100.200", 32, "metadata"],
  ["192.0.0.192", 32, "metadata"],
  ["0.0.0.0", 8, "unspecified"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link-local"],
  ["10.0.0.0", 8, "private"],
  ["172.16.0.0", 12, "private"],
  ["192.168.0.0", 16, "private"],
  ["100.64.0.0", 10, "private"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "reserved"],
  ["192.88.99.0", 24, "reserved"],
  ["198.18.0.0", 15, "reserved"],
  ["198.51.100.0", 24, "reserved"],
  ["203.0.113.0", 24, "reserved"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved"],
];

const ranges6: readonly Range[] = [
  ["fd00:ec2::254", 128, "metadata"],
  ["fd20:ce::254", 128, "metadata"],
  ["::", 128, "unspecified"],
  ["::1", 128, "loopback"],
  ["fe80::", 10, "link-local"],
  ["fec0::", 10, "private"],
  ["fc00::", 7, "private"],
  ["ff00::", 8, "multicast"],
  ["2001:db8::", 32, "reserved"],
  ["3fff::", 20, "reserved"],
  ["2001::", 23, "reserved"],
  ["64:ff9b:1::", 48, "reserved"],
  ["100::", 64, "reserved"],
  ["2000::", 3, "public"],
];

/** Ranges that carry an IPv4 address, and at which byte: the inner one decides, or it would be a way around. */
const embedded: readonly (readonly [base: string, prefix: number, at: number])[] = [
  ["::ffff:0:0", 96, 12],
  ["::ffff:0:0:0", 96, 12],
  ["64:ff9b::", 96, 12],
  ["2002::", 16, 2],
];

/**
 * Says what a literal address is. Names and other spellings of addresses (`0x7f.1`, `2130706433`) are `invalid`:
 * the URL parser turns those into the dotted form before they come here.
 */
export function classifyAddress(address: string): AddressKind {
  if (isIPv4(address)) return match(bytesOf4(address), ranges4, "public");
  const zone = address.indexOf("%");
  const bare = zone < 0 ? address : address.slice(0, zone);
  return isIPv6(bare) ? classify6(bytesOf6(bare)) : "invalid";
}

/** Canonical bytes, an IPv4-mapped address as its four; null when it is no address. For comparing. */
export function addressBytes(address: string): Uint8Array | null {
  if (isIPv4(address)) return bytesOf4(address);
  const [bare] = address.split("%") as [string];
  if (!isIPv6(bare)) return null;
  const bytes = bytesOf6(bare);
  return inRange(bytes, bytesOf6("::ffff:0:0"), 96) ? bytes.slice(12) : bytes;
}

function classify6(bytes: Uint8Array): AddressKind {
  for (const [base, prefix, at] of embedded) {
    if (inRange(bytes, bytesOf6(base), prefix)) return match(bytes.slice(at, at + 4), ranges4, "public");
  }
  return match(bytes, ranges6, "reserved");
}

function match(bytes: Uint8Array, ranges: readonly Range[], otherwise: AddressKind): AddressKind {
  for (const [base, prefix, kind] of ranges) {
    const baseBytes = bytes.length === 4 ? bytesOf4(base) : bytesOf6(base);
    if (inRange(bytes, baseBytes, prefix)) return kind;
  }
  return otherwise;
}

function inRange(bytes: Uint8Array, base: Uint8Array, prefix: number): boolean {
  for (let bit = 0; bit < prefix; bit += 8) {
    const mask = prefix - bit >= 8 ? 0xff : (0xff << (8 - (prefix - bit))) & 0xff;
    if (((bytes[bit >> 3] ?? 0) & mask) !== ((base[bit >> 3] ?? 0) & mask)) return false;
  }
  return true;
}
