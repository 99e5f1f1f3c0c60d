import { GatewayError } from "#model/errors.ts";
import type { ProxyDestination } from "#model/ports.ts";
import type { ProxyRoute } from "#wire/tunnel.ts";
import { type Destination, parseDestination } from "./destination.ts";
import type { EgressGuard } from "./egress.ts";

/**
 * The way to a proxy, which is a destination of its own: egress control decides about it as about any other.
 * @throws GatewayError `egress-refused`
 */
export function proxyRoute({ url, declared, authorization }: ProxyDestination, guard: EgressGuard): ProxyRoute {
  const destination = parseDestination(url);
  if (destination.secure) {
    throw new GatewayError("egress-refused", 502, "the proxy is refused: it is spoken to over http alone");
  }
  const leave = declared ? guard.checkDeclared(destination) : guard.check(destination);
  const { host, port, origin } = destination;
  const key = `${declared ? "declared" : "computed"} ${origin} ${authorization ?? ""}`;
  return { key, host, port, lookup: leave?.lookup ?? null, authorization };
}

/** To an http destination the proxy itself is asked, in absolute-form; over TLS it sees nothing. @see RFC 9112 §3.2.2 */
export function throughProxy(
  proxy: ProxyRoute | null,
  { secure, authority }: Destination,
  target: string,
  fields: readonly string[],
): { readonly target: string; readonly fields: readonly string[] } {
  if (proxy === null || secure) return { target, fields };
  const absolute = `http://${authority}${target}`;
  if (proxy.authorization === null) return { target: absolute, fields };
  return { target: absolute, fields: [...fields, "Proxy-Authorization", proxy.authorization] };
}

/** The proxy's own word, in clear text: to the client it would be about itself. Within a tunnel it is the far end's. */
export function refusesProxyLogin(
  { status }: { readonly status: number },
  proxy: ProxyRoute | null,
  secure: boolean | undefined,
): boolean {
  return status === 407 && proxy !== null && secure !== true;
}

export function proxyRefused(): GatewayError {
  return new GatewayError("upstream-connect-failed", 502, "cannot connect: the proxy answered 407", {
    source: "upstream",
  });
}
