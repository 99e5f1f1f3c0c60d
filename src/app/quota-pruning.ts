import type { Clock, Log } from "#model/ports.ts";
import type { Async, QuotaStore } from "#storage/interfaces.ts";

const everyMs = 60_000;
/** Some milliseconds of the store's time. */
const most = 20_000;

/** Windows that are over are forgotten now and then: with quotas by key, clients decide how many there are. */
export function keepQuotasPruned(quotas: Async<QuotaStore>, clock: Pick<Clock, "now">, log: Log): NodeJS.Timeout {
  const prune = (): void => {
    quotas.prune(clock.now(), most).catch((error: unknown) => {
      log.warn("quotas that are over could not be forgotten", { error: String(error) });
    });
  };
  return setInterval(prune, everyMs).unref();
}
