import { BlockList, isIP } from "node:net";

/** Whether an address is in one of the ranges (CIDR, or one address); words that name no addresses hold none. */
export function isInRanges(address: string, ranges: readonly string[]): boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [base = "", length] = range.split("/");
    const family = familyOf(base);
    if (family === null) continue;
    if (length === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(length), family);
  }
  const family = familyOf(address);
  return family !== null && list.check(address, family);
}

function familyOf(address: string): "ipv4" | "ipv6" | null {
  const version = isIP(address);
  return version === 0 ? null : version === 4 ? "ipv4" : "ipv6";
}
