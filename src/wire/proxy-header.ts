import { isIPv4, isIPv6 } from "node:net";
import { bytesOf4, bytesOf6 } from "#lib/ip-bytes.ts";

export type ProxyVersion = "v1" | "v2";

const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const local = 0x20;
const proxied = 0x21;
const tcp4 = 0x11;
const tcp6 = 0x21;

/** One end as the header names it. */
export interface ProxyEnd {
  readonly address: string;
  readonly port: number;
}

/**
 * What goes before everything else on a connection that is made for one client. The client's port is 0: the connection
 * may serve others of its connections, so that any port would be untrue. An address that is none (a probe of the
 * gateway's own, a client on a Unix socket) is said to be unknown.
 *
 * @see https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
 */
export function proxyHeader(version: ProxyVersion, client: string, server: ProxyEnd): Buffer {
  const source = client.split("%")[0] as string;
  const known = isIPv4(source) || isIPv6(source);
  if (version === "v1") return Buffer.from(known ? textOf(source, server) : "PROXY UNKNOWN\r\n", "latin1");
  return known ? binaryOf(source, server) : Buffer.from([...signature, local, 0, 0, 0]);
}

function textOf(source: string, { address, port }: ProxyEnd): string {
  const four = isIPv4(source) && isIPv4(address);
  const spell = (one: string): string => (four || isIPv6(one) ? one : `::ffff:${one}`);
  return `PROXY ${four ? "TCP4" : "TCP6"} ${spell(source)} ${spell(address)} 0 ${port}\r\n`;
}

function binaryOf(source: string, { address, port }: ProxyEnd): Buffer {
  const four = isIPv4(source) && isIPv4(address);
  const bytes = (one: string): Uint8Array => (four ? bytesOf4(one) : bytesOf6(isIPv6(one) ? one : `::ffff:${one}`));
  const ends = [...bytes(source), ...bytes(address), 0, 0, port >> 8, port & 0xff];
  return Buffer.from([...signature, proxied, four ? tcp4 : tcp6, 0, ends.length, ...ends]);
}
