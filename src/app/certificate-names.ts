import type { Snapshot } from "#model/snapshot.ts";

/** Names of this machine: what a newcomer and the APIs without hosts are reached by. */
const local = ["localhost", "127.0.0.1", "::1"];

/** All names that the internal CA issues for; the first certificate answers clients that send no server name. */
export function certificateNames({ hosts }: Snapshot): readonly string[] {
  return [...new Set([...local, ...hosts])];
}
