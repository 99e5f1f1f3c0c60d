import type { ListenAddress, ListenPlace } from "./definition.ts";

/** Stands for the address of a peer that came over a Unix socket of ours. No address of the network is spelled so. */
export const unixPeer = "unix";

/** `127.0.0.1:8443`, `[::1]:8443`, or `unix:/run/gateway.sock`. */
export function placeText(place: ListenPlace): string {
  if ("path" in place) return `unix:${place.path}`;
  const { host, port } = place;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Those with a port. */
export function addressesOf(places: readonly ListenPlace[]): readonly ListenAddress[] {
  return places.filter((place) => "port" in place);
}

/** Of the first one that has a port. */
export function firstPort(places: readonly ListenPlace[]): number | undefined {
  return addressesOf(places)[0]?.port;
}
