import { isIP } from "node:net";
import type { Clock, Egress } from "#model/ports.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import type { TimerWheel } from "#wire/timer-wheel.ts";

export interface ResponderEgressOptions {
  /** `egress.allow` of the definition in force. */
  readonly allow: () => readonly string[];
  readonly ownAddresses: () => readonly OwnAddress[];
  readonly clock: Clock;
  readonly wheel: TimerWheel;
}

/**
 * Leave to ask a responder that a certificate names. Whoever signed the certificate chose the name: it leads to public
 * and private addresses, never to loopback, link-local and metadata; an address in its place needs `egress.allow`.
 */
export function responderEgress({
  allow,
  ownAddresses,
  clock,
  wheel,
}: ResponderEgressOptions): (responder: string) => Egress {
  return (responder: string): Egress => {
    const { protocol, host, hostname } = new URL(responder);
    const named = isIP(hostname.replace(/^\[|\]$/g, "")) === 0 ? [`${protocol}//${host}`] : [];
    return createEgress({ allow: [...allow(), ...named], ownAddresses: ownAddresses(), clock, wheel });
  };
}
