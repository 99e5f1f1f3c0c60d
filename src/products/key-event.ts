import type { ControlEvent } from "#model/control-events.ts";
import type { KeyNotice } from "./key-notice.ts";

/** What the record says of it; who has done it comes from whoever records it. */
export function keyEvent({ step, subscription, slot, key, before, dueAt, until, why }: KeyNotice): ControlEvent {
  const details = { subscription, slot, key, before, due: timeText(dueAt), until: timeText(until), why };
  return { event: `key.${step}`, details };
}

function timeText(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
