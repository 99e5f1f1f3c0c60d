import { matchesHost } from "#lib/host-pattern.ts";

/** Names of this machine: what a newcomer and the APIs without hosts are reached by. */
const local = ["localhost", "127.0.0.1", "::1"];

/** All names that the gateway is reached by; those of this machine first, which the fallback certificate is for. */
export function certificateNames(hosts: readonly string[]): readonly string[] {
  return [...new Set([...local, ...hosts])];
}

/** Whether one of the names, itself or as a wildcard, stands for this one. */
export function isCovered(name: string, names: readonly string[]): boolean {
  return names.some((pattern) => matchesHost(pattern, name));
}
