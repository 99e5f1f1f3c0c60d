import { InvalidArgumentError } from "commander";
import type { Definition } from "#model/definition.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, or the origin of a URL with its port. */
export function hostPort(text: string): Address {
  const [, host, port] = /^(?:https?:\/\/)?(\[[0-9a-f:.]+\]|[^:/\s]+):(\d{1,5})\/?$/i.exec(text) ?? [];
  if (host === undefined) throw new InvalidArgumentError("It takes host:port.");
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** Where the definition has it listen, as this machine reaches it; null: at a socket, or at any port. */
export function ownListener({ edge }: Definition): Address | null {
  const place = (edge.tls === "off" ? edge.http : edge.https).find((one) => "port" in one);
  return place === undefined || !("port" in place) || place.port === 0 ? null : reachable(place);
}

/** Whoever listens everywhere is reached at loopback. */
export function reachable({ host, port }: Address): Address {
  return { host: host === "::" || host === "0.0.0.0" ? "127.0.0.1" : host, port };
}
