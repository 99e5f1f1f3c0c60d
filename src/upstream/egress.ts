import { lookup as systemLookup } from "node:dns";
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";
import { GatewayError } from "#model/errors.ts";
import { addressBytes, classifyAddress } from "./address-rules.ts";
import type { Destination } from "./destination.ts";
import { checkSocket } from "./own-sockets.ts";
import { matchEgress, parseEgressPattern, type EgressMatch, type EgressPattern } from "./egress-patterns.ts";

/** Every address of a name, as the system resolves it. */
export type ResolveAll = (
  host: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

export interface OwnAddress {
  readonly host: string;
  readonly port: number;
  /** The admin API's: nothing that is forwarded goes there, not even on the definition's word. */
  readonly admin?: boolean;
}

export interface EgressOptions {
  /** `scheme://host[:port]` patterns. */
  readonly allow: readonly string[];
  /** Where this gateway itself listens: a destination there would let a request come back as its own client. */
  readonly ownAddresses: readonly OwnAddress[];
  /** Paths of our own Unix sockets, the admin API's among them. */
  readonly ownSockets?: readonly string[];
  readonly resolve?: ResolveAll;
  /** Addresses of this machine, for listeners on all of them. */
  readonly localAddresses?: () => readonly string[];
}

/** Leave to dial a destination that the definition did not name. */
export interface EgressLeave {
  /** Checks what the name resolves to at the time of dialling, so that a second answer (DNS rebinding) gains nothing. */
  readonly lookup: LookupFunction;
}

export interface EgressGuard {
  /** @throws GatewayError `egress-refused` */
  check(destination: Destination): EgressLeave;
  /**
   * For a destination that the definition names: anywhere but the admin API, and no Unix socket of this gateway's.
   * @returns null when its port or its path already says so
   * @throws GatewayError `egress-refused`
   */
  checkDeclared(destination: Destination): EgressLeave | null;
}

/** @throws GatewayError `definition-invalid` for a pattern that cannot be read. */
export function createEgressGuard(options: EgressOptions): EgressGuard {
  const patterns: readonly EgressPattern[] = options.allow.map((text) => parseEgressPattern(text));
  const resolve = options.resolve ?? resolveBySystem;
  return {
    check(destination) {
      const match = matchEgress(patterns, destination);
      if (match === null) throw refused("no pattern of egress.allow matches it");
      const verify = (address: string): void => checkAddress(address, destination.port, match, options);
      if (destination.literal) verify(destination.host);
      return { lookup: guardedLookup(resolve, verify) };
    },
    checkDeclared(destination) {
      if (destination.socketPath !== undefined) {
        checkSocket(destination.socketPath, options.ownSockets ?? []);
        return null;
      }
      const admin = options.ownAddresses.filter((own) => own.admin === true && own.port === destination.port);
      if (admin.length === 0) return null;
      const verify = (address: string): void => {
        if (isOwn(address, admin, options)) throw refused("it is the admin API");
      };
      if (destination.literal) verify(destination.host);
      return { lookup: guardedLookup(resolve, verify) };
    },
  };
}

/**
 * A named or wildcard match never reaches loopback, link-local, metadata and the like; private ranges only when the
 * name stands in the pattern in full. A pattern that is the address itself also opens loopback.
 */
function checkAddress(address: string, port: number, match: EgressMatch, options: EgressOptions): void {
  const kind = classifyAddress(address);
  const allowed =
    kind === "public" || (kind === "private" && match !== "wildcard") || (kind === "loopback" && match === "address");
  if (!allowed) throw refused(`its address is ${kind}`);
  const listeners = options.ownAddresses.filter((own) => own.port === port);
  if (isOwn(address, listeners, options)) throw refused("it is a listener of this gateway");
}

/** `listeners`: those on the port that is dialled. */
function isOwn(address: string, listeners: readonly OwnAddress[], options: EgressOptions): boolean {
  if (listeners.length === 0) return false;
  const kind = classifyAddress(address);
  // Systems take 0.0.0.0 and :: for this machine when they dial.
  if (kind === "unspecified") return true;
  const local = options.localAddresses ?? localAddressesBySystem;
  return (
    listeners.some((own) => listenedAddresses(own.host, local).some((mine) => isSameAddress(mine, address))) ||
    (kind === "loopback" && listeners.some((own) => isEverywhere(own.host)))
  );
}

function listenedAddresses(host: string, local: () => readonly string[]): readonly string[] {
  if (isEverywhere(host)) return local();
  return host === "localhost" ? ["127.0.0.1", "::1"] : [host];
}

function isEverywhere(host: string): boolean {
  return host === "" || host === "::" || host === "0.0.0.0";
}

function isSameAddress(left: string, right: string): boolean {
  const leftBytes = addressBytes(left);
  const rightBytes = addressBytes(right);
  return leftBytes !== null && rightBytes !== null && Buffer.compare(leftBytes, rightBytes) === 0;
}

/** One forbidden address among the answers refuses them all: which is dialled would be the attacker's choice. */
function guardedLookup(resolve: ResolveAll, verify: (address: string) => void): LookupFunction {
  return (host, options, done) => {
    resolve(host, (error, addresses) => {
      const problem = error ?? firstProblem(addresses, verify);
      if (problem !== null) return done(problem, []);
      if (options.all === true) return done(null, addresses.slice());
      const [first] = addresses as [LookupAddress];
      return done(null, first.address, first.family);
    });
  };
}

function firstProblem(addresses: readonly LookupAddress[], verify: (address: string) => void): Error | null {
  if (addresses.length === 0) return refused("its name has no address");
  try {
    for (const { address } of addresses) verify(address);
    return null;
  } catch (error) {
    return error as Error;
  }
}

function resolveBySystem(host: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void): void {
  systemLookup(host, { all: true }, (error, addresses) => done(error, addresses ?? []));
}

function localAddressesBySystem(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
}

function refused(why: string): GatewayError {
  return new GatewayError("egress-refused", 502, `the destination is refused: ${why}`);
}
