import { isIP } from "node:net";
import { GatewayError } from "#model/errors.ts";
import type { Destination } from "./destination.ts";

/** How far a matching pattern speaks for the address behind the name. */
export type EgressMatch =
  /** The pattern is this very address: its range was meant. */
  | "address"
  /** The pattern is this very name. */
  | "name"
  /** The name is one of many, perhaps of somebody else's making. */
  | "wildcard";

export interface EgressPattern {
  readonly secure: boolean;
  readonly host: string;
  readonly wildcard: boolean;
  readonly port: number;
}

/**
 * Reads `scheme://host[:port]`; the host may start with `*.`, which stands for exactly one label. No port means the
 * scheme's own.
 * @throws GatewayError `definition-invalid`
 */
export function parseEgressPattern(text: string): EgressPattern {
  const match = /^(https?):\/\/(\*\.)?([^/*@?#\s\\]+)\/?$/i.exec(text);
  const url = match === null ? null : URL.parse(`${match[1]}://${match[3]}`);
  if (match === null || url === null) {
    throw new GatewayError("definition-invalid", 500, `egress pattern is not scheme://host[:port]: ${text}`);
  }
  const secure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  return { secure, host, wildcard: match[2] !== undefined, port };
}

/** The narrowest word of the patterns on the destination, or null when none matches. */
export function matchEgress(patterns: readonly EgressPattern[], destination: Destination): EgressMatch | null {
  let found: EgressMatch | null = null;
  for (const pattern of patterns) {
    if (pattern.secure !== destination.secure || pattern.port !== destination.port) continue;
    if (!pattern.wildcard && pattern.host === destination.host) return isIP(pattern.host) === 0 ? "name" : "address";
    if (pattern.wildcard && isOneLabelBelow(destination, pattern.host)) found = "wildcard";
  }
  return found;
}

function isOneLabelBelow(destination: Destination, parent: string): boolean {
  const { host } = destination;
  if (destination.literal || !host.endsWith(`.${parent}`)) return false;
  const label = host.slice(0, -parent.length - 1);
  return label !== "" && !label.includes(".");
}
