import type { SourcePosition } from "#model/diagnostic.ts";
import { suggestion } from "#notation/nearest.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { WholeEnvironment } from "./inherit.ts";

export interface ChosenEnvironment {
  readonly name: string;
  readonly production: boolean;
  readonly input: WholeEnvironment;
  readonly at: SourcePosition;
  /** It is the one that was asked for, not one to go on reading with. */
  readonly meant: boolean;
}

const none: WholeEnvironment = { production: false, values: [], line: [], isExtended: false };

/**
 * Chooses the environment. When that fails the first one is taken, so that the rest of the definition can still be
 * checked.
 * @param start the beginning of the definition, for problems that have no better place
 */
export function chooseEnvironment(
  environments: readonly Named<WholeEnvironment>[],
  wanted: string | undefined,
  start: SourcePosition,
  problems: Problems,
): ChosenEnvironment {
  const names = environments.map(({ name }) => name);
  const [first] = environments;
  if (first === undefined) return withoutEnvironments(wanted, start, problems);
  const found = wanted === undefined && names.length === 1 ? first : environments.find(({ name }) => name === wanted);
  if (found !== undefined) return chosen(found, true);
  if (wanted === undefined) {
    const message = `the definition has the environments ${names.join(", ")} and none was chosen`;
    problems.error("environment-unchosen", first.at, message, `choose one: --env ${names[0]}`);
  } else {
    const message = `there is no environment ${wanted}; there are ${names.join(", ")}`;
    problems.error(
      "environment-unknown",
      first.at,
      message,
      suggestion(wanted, names, (name) => `--env ${name}`),
    );
  }
  return chosen(first, false);
}

function withoutEnvironments(wanted: string | undefined, start: SourcePosition, problems: Problems): ChosenEnvironment {
  if (wanted !== undefined) {
    const message = `there is no environment ${wanted}: the definition has no environments`;
    problems.error("environment-unknown", start, message, "leave out --env, or write environments");
  }
  return { name: "default", production: false, input: none, at: start, meant: wanted === undefined };
}

function chosen({ name, at, value }: Named<WholeEnvironment>, meant: boolean): ChosenEnvironment {
  return { name, production: value.production, input: value, at, meant };
}

/** What one environment has, all have: otherwise the definition breaks on its way to the next one. */
export function compareEnvironments(
  environments: readonly Named<WholeEnvironment>[],
  running: ChosenEnvironment,
  problems: Problems,
): void {
  const all = new Map<string, string>();
  for (const { name, value } of environments)
    for (const one of value.values) all.set(one.name, all.get(one.name) ?? name);
  for (const { name, at, value } of environments) {
    // What others complete need not be complete by itself.
    if (value.isExtended && running.name !== name) continue;
    const own = new Set(value.values.map((one) => one.name));
    for (const [missing, where] of all) {
      if (own.has(missing)) continue;
      const report = running.meant && running.name === name ? "error" : "warn";
      const message = `the environment ${name} lacks the value ${missing}, which ${where} has`;
      problems[report]("value-missing", at, message, `add ${missing} under values of ${name}`);
    }
  }
}
