import { EndWatch } from "#app/end-watch.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { AccessRequests } from "#products/access-requests.ts";
import type { AccessStore } from "#storage/access-store.ts";
import type { Async } from "#storage/interfaces.ts";

const pruneEveryMs = 3_600_000;
/** Of what is over. The audit record has it for as long as that is kept. */
const keptMs = 400 * 86_400_000;

const failed = "access that is over could not be ended";

/** Ends requests that nobody has answered and approvals whose time is over, when it is over. */
export function watchAccess(
  requests: Pick<AccessRequests, "tick">,
  store: Pick<Async<AccessStore>, "prune">,
  clock: Pick<Clock, "now">,
  log: Log,
): EndWatch {
  let prunedAt = 0;
  const endDue = async (): Promise<number | null> => {
    const next = await requests.tick();
    const now = clock.now();
    if (now - prunedAt >= pruneEveryMs) {
      prunedAt = now;
      // What is due next does not wait for it.
      await store.prune(now - keptMs, 500).catch((error: unknown) => log.warn(failed, { error: String(error) }));
    }
    return next;
  };
  return new EndWatch({ endDue, clock, log, failed });
}
