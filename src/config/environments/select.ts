import type { PolicyException } from "#model/definition.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { child } from "#notation/yaml/child.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { environmentsShape } from "#config/table/environment.ts";
import { type ChosenEnvironment, chooseEnvironment, compareEnvironments } from "./choose.ts";
import { withExceptions } from "./exceptions.ts";
import { checkExpiry } from "./expiry.ts";
import { inheritEnvironments } from "./inherit.ts";
import { withOverlays } from "./overlay.ts";

export interface SelectedEnvironment {
  readonly environment: ChosenEnvironment;
  /** The definition as this environment has it. */
  readonly root: Slot;
  /** The same without its exceptions. */
  readonly overlaid: Slot;
  readonly exceptions: readonly PolicyException[];
}

/**
 * Chooses an environment of a definition and lays it over the text. Problems are reported to the reading.
 * @param reading fills in no values
 * @param now milliseconds since the epoch, for exceptions that have ended
 */
export function selectEnvironment(
  reading: PolicyReading,
  wanted: string | undefined,
  now: number,
): SelectedEnvironment {
  const { file, problems } = reading;
  const text = file.root(problems);
  const written = child(reading, text, "environments");
  const inputs = written === undefined ? [] : (environmentsShape.read(reading, written) ?? []);
  const environments = inheritEnvironments(inputs, problems);
  const environment = chooseEnvironment(environments, wanted, file.at(0), problems);
  compareEnvironments(environments, environment, problems);
  checkExpiry(inputs, environment, problems, now);
  const overlaid = withOverlays(reading, text, environment.input);
  const own = environment.input.line.at(-1)?.value.exceptions ?? [];
  return { environment, overlaid, ...withExceptions(reading, overlaid, own) };
}
