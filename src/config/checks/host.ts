import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import type { Parsed } from "#config/shapes/text.ts";

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** A host name as requests are compared with it: lower case, Punycode, no final dot. `*.` stands for one label. */
export function parseHost(text: string): Parsed<string> {
  if (isIP(text) !== 0) return { value: text.toLowerCase() };
  if (/^[a-z]+:\/\//i.test(text))
    return { problem: `${text} is a URL; a host name is due`, fix: "leave out the scheme" };
  if (/:\d+$/.test(text)) {
    return { problem: `${text} has a port; hosts are matched without`, fix: `write ${text.replace(/:\d+$/, "")}` };
  }
  const wildcard = text.startsWith("*.");
  const name = domainToASCII((wildcard ? text.slice(2) : text).replace(/\.$/, "")).toLowerCase();
  const labels = name.split(".");
  const valid = name.length > 0 && name.length <= 253 && labels.every((part) => label.test(part));
  if (!valid || (wildcard && labels.length < 2)) {
    return {
      problem: `${text} is not a host name`,
      fix: "write api.example.com, or *.example.com for one label below it",
    };
  }
  return { value: wildcard ? `*.${name}` : name };
}

/** For names that are ours alone: with a wildcard, whoever has a name below it would lead clients here. */
export function parseExactHost(name: string): Parsed<string> {
  if (name.includes("*")) return { problem: `${name}: no wildcard can stand here`, fix: "write each name" };
  return parseHost(name);
}

/** Addresses that no public authority can validate. @see IANA special-purpose address registries */
const notPublic = new BlockList();
for (const range of [
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24",
  "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3",
].flatMap((line) => line.split(" "))) {
  const [address = "", bits] = range.split("/");
  notPublic.addSubnet(address, Number(bits), "ipv4");
}

/** Whether a public authority could validate the host: a public name, or an address of the open internet. */
export function isPublicHost(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return isPublicName(host.replace(/^\*\./, ""));
  // Only 2000::/3 is given out; 2001:db8::/32 and the like are for documents and tunnels.
  return version === 4
    ? !notPublic.check(host, "ipv4")
    : /^2|^3/.test(host) && !/^200[12]:(db8)?:|^2002:|^3fff:/.test(host);
}

/** Whether certificates of a public authority could exist for the name. @see RFC 2606, RFC 6761, RFC 8375 */
function isPublicName(host: string): boolean {
  if (isIP(host) !== 0 || !host.includes(".")) return false;
  return !/(^|\.)(localhost|local|internal|test|example|invalid|lan|home\.arpa|example\.(com|net|org))$/.test(host);
}

/** A name to ask DNS for; unlike a host it may begin with `_service._proto`. */
export function parseDnsName(text: string): Parsed<string> {
  const name = domainToASCII(text.replace(/\.$/, "")).toLowerCase();
  const valid = name.length <= 253 && name.split(".").every((part) => label.test(part));
  if (valid && isIP(text) === 0) return { value: name };
  return {
    problem: `${text} is not a name that DNS could know`,
    fix: "write orders.internal or _orders._tcp.internal",
  };
}

/** `10.0.0.53`, `127.0.0.1:8600`, `[::1]:53`. */
export function parseNameServer(text: string): Parsed<string> {
  const [, bracketed, plain, port = "53"] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  const kind = isIP(address);
  if (kind === 0 || Number(port) === 0 || Number(port) > 65_535) {
    return { problem: `${text} is not the address of a name server`, fix: "write 10.0.0.53 or 127.0.0.1:8600" };
  }
  return { value: `${kind === 6 ? `[${address}]` : address}:${port}` };
}
