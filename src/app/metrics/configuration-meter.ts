import type { Clock } from "#model/ports.ts";
import type { Gauges, Meter } from "#model/metrics.ts";

type Action = "reload" | "apply" | "rollback";
/** `invalid`: it has errors; `failed`: it could not be put in force; `refused`: it was not even tried. */
export type ChangeResult = "done" | "invalid" | "failed" | "refused";

const actions: readonly Action[] = ["reload", "apply", "rollback"];
const results: readonly ChangeResult[] = ["done", "invalid", "failed", "refused"];

/** How tries to change the configuration end. */
export class ConfigurationMeter {
  readonly #meter: Meter;
  readonly #clock: Clock;
  #inForceSince: number;
  #isDiskInForce = true;

  constructor(meter: Meter, clock: Clock) {
    this.#meter = meter;
    this.#clock = clock;
    this.#inForceSince = clock.now();
    for (const action of actions) {
      for (const outcome of results) meter.add("sallyport_config_changes_total", { action, outcome }, 0);
    }
  }

  note(action: Action, outcome: ChangeResult): void {
    this.#meter.add("sallyport_config_changes_total", { action, outcome });
    if (outcome === "done") this.#inForceSince = this.#clock.now();
    // A body that was refused says nothing of the files.
    if (outcome === "done" || action === "reload") this.#isDiskInForce = outcome === "done";
  }

  collect(gauges: Gauges, generation: number): void {
    gauges.set("sallyport_config_generation", {}, generation);
    gauges.set("sallyport_config_last_reload_successful", {}, this.#isDiskInForce ? 1 : 0);
    gauges.set("sallyport_config_last_reload_success_timestamp_seconds", {}, this.#inForceSince / 1000);
  }
}
