import { suggestion } from "#notation/nearest.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { EnvironmentInput, ValueInput } from "#config/table/environment.ts";

/** An environment with what it has from those that it extends. */
export interface WholeEnvironment {
  readonly production: boolean;
  readonly values: readonly Named<ValueInput>[];
  /** Itself last; before it the one that it extends, and so on. */
  readonly line: readonly Named<EnvironmentInput>[];
  /** Another one extends it. */
  readonly isExtended: boolean;
}

/** Exceptions are not inherited: each was approved for one environment. */
export function inheritEnvironments(
  environments: readonly Named<EnvironmentInput>[],
  problems: Problems,
): readonly Named<WholeEnvironment>[] {
  const byName = new Map(environments.map((one) => [one.name, one]));
  const extended = new Set(environments.map(({ value }) => value.extends?.value));
  return environments.map((environment) => {
    const { name, at } = environment;
    const line = lineOf(environment, byName, problems);
    const values = [...new Map(line.flatMap((one) => one.value.values.map((value) => [value.name, value]))).values()];
    const value = { production: isProduction(line), values, line, isExtended: extended.has(name) };
    return { name, at, value };
  });
}

function lineOf(
  environment: Named<EnvironmentInput>,
  byName: ReadonlyMap<string, Named<EnvironmentInput>>,
  problems: Problems,
): readonly Named<EnvironmentInput>[] {
  const line = [environment];
  for (;;) {
    const [oldest = environment] = line;
    const parent = oldest.value.extends;
    if (parent === undefined) return line;
    const found = byName.get(parent.value);
    if (found === undefined) {
      const others = [...byName.keys()].filter((name) => name !== oldest.name);
      const fix = suggestion(parent.value, others, (name) => `extends: ${name}`) ?? "write the name of another one";
      problems.error("environment-unknown", parent.at, `there is no environment ${parent.value} to extend`, fix);
      return line;
    }
    if (line.includes(found)) {
      const round = [found, ...line].map(({ name }) => name).toReversed();
      const message = `environments extend each other in a circle: ${round.join(" extends ")}`;
      // One that only leads into the circle is no part of the problem.
      const at = environment.value.extends?.at ?? parent.at;
      if (found === environment) problems.error("environment-circle", at, message, "leave one extends out");
      return line;
    }
    line.unshift(found);
  }
}

/** What extends production is production, unless it says otherwise. */
function isProduction(line: readonly Named<EnvironmentInput>[]): boolean {
  return line.reduce(
    (before, { name, value }) => value.production ?? (before || name === "prod" || name === "production"),
    false,
  );
}
