import type { Pause } from "#edge/acme/poll.ts";
import type { CertificateTree } from "./certificate-tree.ts";
import { type LockTimes, lockFolder, type NameLock } from "./name-lock.ts";

export interface NameLocks {
  /** Other nodes use the storage as well. When not, the data folder's own lock is enough. */
  readonly shared: boolean;
  readonly pause: Pause;
  readonly times?: LockTimes;
}

/** Longer than an order takes: who waits finds the certificate there. */
const patienceMs = 240_000;

const alone: NameLock = { held: async () => true, release: async () => {} };

/** Null when another node has had it for minutes. */
export async function lockName(
  { tree, locks }: { readonly tree: CertificateTree; readonly locks: NameLocks },
  name: string,
): Promise<NameLock | null> {
  if (!locks.shared) return alone;
  return lockFolder(await tree.folderOf(name), locks.pause, patienceMs, locks.times);
}
