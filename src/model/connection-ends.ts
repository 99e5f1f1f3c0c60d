/** Why a connection ended before a request on it could be judged: the closed list, with what each says. */
export const connectionEnds = {
  "tls-timeout": "the handshake was not over in time",
  "tls-malformed": "what came is no TLS handshake, such as HTTP in clear text",
  "tls-unsupported": "no version, cipher or other part of TLS in common",
  "tls-protocol": "no protocol in common (ALPN)",
  "tls-name-unknown": "there is no certificate for the name that was asked for",
  "tls-certificate-declined": "the client does not take the gateway's certificate",
  "client-gone": "the client was gone in the middle of its handshake or of the head of its first request",
  "http2-malformed": "what came is no HTTP/2, or breaks its rules",
  "proxy-refused": "the PROXY protocol is due, and it came from nobody trusted or could not be read",
  "too-many-connections": "`edge.limits.connections` was reached",
} as const;

export type ConnectionEnd = keyof typeof connectionEnds;

/** Connections that ended alike. */
export interface EndedConnections {
  readonly reason: ConnectionEnd;
  /** Range of addresses that they came from: of IPv4 256 addresses, of IPv6 a /48; `unix`; `others`: more than were counted apart. */
  readonly from: string;
  readonly count: number;
}
