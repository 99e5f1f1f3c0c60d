import type { ControlEvent } from "#model/control-events.ts";
import type { Clock, EventRecorder, Log } from "#model/ports.ts";
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
  events: Pick<EventRecorder, "tell">,
): EndWatch {
  const endDue = async (): Promise<number | null> => {
    const changes = await store.expire(clock.now(), most);
    onKeys(changes);
    events.tell(...expired(changes));
    return store.nextEnd();
  };
  return new EndWatch({ endDue, clock, log, failed: "subscriptions that are over could not be ended" });
}

function expired({ set }: KeyChanges): readonly ControlEvent[] {
  const names = [...new Set(set.map(({ subscription }) => subscription))];
  return names.flatMap((subscription) => [
    { event: "subscription.expired", details: { subscription } },
    { event: "key.expired", details: { subscription } },
  ]);
}
