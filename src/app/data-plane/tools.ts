import { addressesOf } from "#model/listen-place.ts";
import type { PermitAuthority } from "#model/permit.ts";
import type { Clock, Egress, Log } from "#model/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { createClock } from "#threads/clock.ts";
import { type ControlClient, createControlClient } from "#threads/control-calls.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import { TimerWheel } from "#wire/timer-wheel.ts";
import type { FromWorker, WorkerCalls, WorkerStart } from "#app/messages.ts";

/** What every part of a worker is made with. */
export interface Tools {
  readonly start: WorkerStart;
  readonly say: (message: FromWorker) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly control: ControlClient<WorkerCalls>;
  /** Of the worker's one authority. Who mints is told apart: a permit is made in one place. */
  readonly check: PermitAuthority["check"];
  readonly ownAddresses: readonly OwnAddress[];
  readonly egress: CurrentEgress;
}

export function createTools(
  start: WorkerStart,
  snapshot: Snapshot,
  check: PermitAuthority["check"],
  say: (message: FromWorker) => void,
): Tools {
  const clock = createClock();
  const control = createControlClient<WorkerCalls>(start.control);
  const admin = start.admin.map((address) => ({ ...address, admin: true }));
  const ownAddresses = [...addressesOf([...start.https, ...start.http]), ...admin];
  const egress = new CurrentEgress(ownAddresses, clock);
  egress.use(snapshot);
  return { start, say, clock, log: logTo(say), control, check, ownAddresses, egress };
}

/** A pattern that a reload takes away is refused from then on, also to the keys of a provider that stays. */
export class CurrentEgress implements Egress {
  readonly #ownAddresses: readonly OwnAddress[];
  readonly #clock: Clock;
  readonly #wheel: TimerWheel;
  #current: Egress | null = null;

  constructor(ownAddresses: readonly OwnAddress[], clock: Clock) {
    this.#ownAddresses = ownAddresses;
    this.#clock = clock;
    this.#wheel = new TimerWheel(clock);
  }

  use({ egress: { allow } }: Pick<Snapshot, "egress">): void {
    const before = this.#current;
    this.#current = createEgress({ allow, ownAddresses: this.#ownAddresses, clock: this.#clock, wheel: this.#wheel });
    before?.close?.();
  }

  fetch(request: Parameters<Egress["fetch"]>[0]): ReturnType<Egress["fetch"]> {
    return (this.#current as Egress).fetch(request);
  }

  close(): void {
    this.#current?.close?.();
  }
}

function logTo(say: (message: FromWorker) => void): Log {
  const at =
    (level: "info" | "warn" | "error") =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      say({ type: "log", level, message, fields });
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
