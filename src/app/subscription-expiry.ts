import type { Clock, Log } from "#model/ports.ts";
import type { Async, KeyChanges, SubscriptionStore } from "#storage/interfaces.ts";
import { EndWatch } from "./end-watch.ts";

/** Some milliseconds of the store's time. */
const most = 1000;

/** Ends subscriptions when they are to end: their keys are refused by all workers from then on. */
export function watchSubscriptions(
  store: Pick<Async<SubscriptionStore>, "expire" | "nextEnd">,
  clock: Pick<Clock, "now">,
  log: Log,
  onKeys: (changes: KeyChanges) => void,
): EndWatch {
  const endDue = async (): Promise<number | null> => {
    onKeys(await store.expire(clock.now(), most));
    return store.nextEnd();
  };
  return new EndWatch({ endDue, clock, log, failed: "subscriptions that are over could not be ended" });
}
