import { lookup, type LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { AddressesOf } from "#audit/sinks/kafka-gate.ts";
import { GatewayError } from "#model/errors.ts";
import { classifyAddress } from "#upstream/address-rules.ts";
import { parseDestination } from "#upstream/destination.ts";
import { createEgressGuard, type EgressLeave, type OwnAddress } from "#upstream/egress.ts";

/**
 * The rules of egress for brokers. Those of the definition are where it says, but for the admin API; one that a cluster
 * names is neither a listener of this gateway nor a metadata service, and on this machine only where the definition's are.
 *
 * @param isHere whether the definition's brokers are on this machine
 */
export function brokerAddresses(ownAddresses: readonly OwnAddress[], isHere: boolean): AddressesOf {
  const declared = createEgressGuard({ allow: [], ownAddresses });
  return async (host, port, isNamed) => {
    const target = isHere && !isNamed && host === "localhost" ? "127.0.0.1" : host;
    const place = `https://${target.includes(":") ? `[${target}]` : target}:${port}`;
    const destination = parseDestination(place);
    const leave = isNamed ? declared.checkDeclared(destination) : leaveFor(place, ownAddresses, isHere);
    const family = isIP(destination.host);
    if (family !== 0) return [{ address: destination.host, family }];
    return addressesBy(leave?.lookup ?? lookupAll, destination.host);
  };
}

/** As for a place that a request makes, with leave for this very one. */
function leaveFor(place: string, ownAddresses: readonly OwnAddress[], isHere: boolean): EgressLeave {
  const destination = parseDestination(place);
  const isLoopback = destination.literal && classifyAddress(destination.host) === "loopback";
  if (isHere !== isLoopback) {
    const why = isHere
      ? "a cluster on this machine names a broker elsewhere"
      : "a cluster names a broker on this machine";
    throw new GatewayError("egress-refused", 502, why);
  }
  return createEgressGuard({ allow: [place], ownAddresses }).check(destination);
}

const lookupAll: LookupFunction = (host, options, done) => lookup(host, { ...options, all: true }, done);

function addressesBy(look: LookupFunction, host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    look(host, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses as readonly LookupAddress[]);
      else reject(error);
    });
  });
}
