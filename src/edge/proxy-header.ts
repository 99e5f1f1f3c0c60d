import { Buffer } from "node:buffer";
import { isIPv4, isIPv6 } from "node:net";

/** Who a proxy says the client is; an empty address is that of a client on a Unix socket of the proxy's. */
export interface ProxiedPeer {
  readonly address: string;
}

export type ProxyHeader =
  | { readonly kind: "more" }
  | { readonly kind: "malformed"; readonly why: string }
  /** `peer` null: the proxy speaks for itself (LOCAL, UNKNOWN), as in its health checks. `length`: bytes of the header. */
  | { readonly kind: "header"; readonly length: number; readonly peer: ProxiedPeer | null };

/** Longest line of version 1, its end included. */
const maxLine = 107;
/** Addresses and as many extensions as proxies send; the length field could say 64 KiB. */
const maxBody = 4096;
/** No header is longer. */
export const maxProxyHeader: number = 16 + maxBody;

const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const prefix = [...Buffer.from("PROXY ")];
const more: ProxyHeader = { kind: "more" };

/**
 * Reads the header that a proxy puts before everything else, in either version.
 *
 * @param bytes all that has come so far
 * @see https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt §2
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (begins(bytes, signature)) return bytes.length < 16 ? more : readBinary(bytes);
  if (begins(bytes, prefix)) return readLine(bytes);
  return malformed("the connection does not begin with a PROXY header");
}

/** Also true as long as nothing differs yet. */
function begins(bytes: Buffer, expected: readonly number[]): boolean {
  return expected.every((byte, at) => at >= bytes.length || bytes[at] === byte);
}

function malformed(why: string): ProxyHeader {
  return { kind: "malformed", why };
}

function readLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, maxLine).indexOf("\r\n");
  if (end < 0) return bytes.length < maxLine ? more : malformed("the PROXY line does not end");
  const words = bytes.toString("latin1", 0, end).split(" ");
  const length = end + 2;
  // What follows UNKNOWN is to be ignored.
  if (words[1] === "UNKNOWN") return { kind: "header", length, peer: null };
  const [, family, source = "", target = "", sourcePort = "", targetPort = "", ...rest] = words;
  const isAddress = family === "TCP4" ? isIPv4 : family === "TCP6" ? isPlainIpv6 : null;
  const isGood =
    isAddress?.(source) === true && isAddress(target) && isPort(sourcePort) && isPort(targetPort) && rest.length === 0;
  return isGood ? { kind: "header", length, peer: { address: source } } : malformed("the PROXY line is malformed");
}

/** A zone names an interface of the sender's. */
function isPlainIpv6(text: string): boolean {
  return isIPv6(text) && !text.includes("%");
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function readBinary(bytes: Buffer): ProxyHeader {
  const [version, family] = [bytes[12] as number, bytes[13] as number];
  const bodyLength = bytes.readUInt16BE(14);
  if (version !== 0x20 && version !== 0x21) return malformed("version or command of the PROXY header is not known");
  if (bodyLength > maxBody) return malformed("the PROXY header is too long");
  const length = 16 + bodyLength;
  if (bytes.length < length) return more;
  if (version === 0x20 || family === 0x00) return { kind: "header", length, peer: null };
  return readAddresses(family, bytes.subarray(16, length), length);
}

/** Source and target address, source and target port. */
function readAddresses(family: number, body: Buffer, length: number): ProxyHeader {
  if (family === 0x11) return addressed(body, 12, length, () => body.subarray(0, 4).join("."));
  if (family === 0x21) return addressed(body, 36, length, () => ipv6Of(body.subarray(0, 16)));
  if (family === 0x31) return addressed(body, 216, length, () => "");
  return malformed("the PROXY header is not about a stream");
}

function addressed(body: Buffer, size: number, length: number, read: () => string): ProxyHeader {
  if (body.length < size) return malformed("the PROXY header is too short for its addresses");
  if (!areExtensions(body.subarray(size))) return malformed("the extensions of the PROXY header are malformed");
  return { kind: "header", length, peer: { address: read() } };
}

/** Type, length and value, one after the other: nothing of them is used, but a length that lies is a lie. */
function areExtensions(bytes: Buffer): boolean {
  let at = 0;
  while (at + 3 <= bytes.length) at += 3 + bytes.readUInt16BE(at + 1);
  return at === bytes.length;
}

function ipv6Of(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  // The shortest way of writing it, as everywhere else.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
