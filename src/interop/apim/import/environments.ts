import { parse } from "yaml";
import { compare } from "./artifacts.ts";
import { isRecord } from "./information.ts";
import type { ImportReport } from "./import-report.ts";
import { variableName } from "./names.ts";

/** A value as an environment has it: written out, or found in an environment variable. */
export type EnvironmentValue =
  | string
  | { readonly env: string }
  | { readonly keyVault: { readonly secretIdentifier: string; readonly identityClientId?: string } };

export interface Override {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Names of what else it says. */
  readonly others: readonly string[];
}

/** The environments of the definition, from the deployment tool's configurations; without any, one. */
export class Environments {
  readonly names: readonly string[];
  readonly values: ReadonlyMap<string, Map<string, EnvironmentValue>>;
  readonly #configurations: ReadonlyMap<string, Readonly<Record<string, unknown>>>;

  constructor(configurations: ReadonlyMap<string, string>, report: ImportReport) {
    this.#configurations = new Map(
      [...configurations].map(([name, text]) => [name, readConfiguration(name, text, report)]),
    );
    this.names = configurations.size === 0 ? ["default"] : [...configurations.keys()];
    this.values = new Map(this.names.map((name) => [name, new Map<string, EnvironmentValue>()]));
  }

  /** What an environment lays over the resources of a kind, such as `namedValues`. */
  overrides(environment: string, kind: string): readonly Override[] {
    const list = this.#configurations.get(environment)?.[kind];
    return (Array.isArray(list) ? list : []).filter(isRecord).flatMap(({ name, properties, ...others }) => {
      if (typeof name !== "string") return [];
      return [{ name, properties: isRecord(properties) ? properties : {}, others: Object.keys(others) }];
    });
  }

  /** Properties of one resource in one environment. */
  override(environment: string, kind: string, id: string): Readonly<Record<string, unknown>> {
    const found = this.overrides(environment, kind).find(({ name }) => name.toLowerCase() === id.toLowerCase());
    return found?.properties ?? {};
  }

  /** Kinds that an environment says something about. */
  kinds(environment: string): readonly string[] {
    return Object.keys(this.#configurations.get(environment) ?? {});
  }

  set(environment: string, name: string, value: EnvironmentValue): void {
    this.values.get(environment)?.set(name, value);
  }

  /** A text that may differ between environments: itself when it does not, else a value. */
  vary(name: string, texts: ReadonlyMap<string, string>): string {
    const [first = ""] = texts.values();
    if (this.names.every((environment) => texts.get(environment) === first)) return first;
    for (const environment of this.names) this.set(environment, name, texts.get(environment) ?? first);
    return `{{${name}}}`;
  }
}

/** The value that a deployment fills in: `{#name#}`. */
export function tokenOf(text: string): string | undefined {
  const [, name] = /^\s*\{#\s*([^#{}]{1,200}?)\s*#\}\s*$/.exec(text) ?? [];
  return name === undefined ? undefined : variableName(name);
}

/** Tokens also stand without quotation marks, where YAML would begin a map. */
function readConfiguration(name: string, text: string, report: ImportReport): Readonly<Record<string, unknown>> {
  try {
    const root: unknown = parse(text.replaceAll(/^(\s*(?:-\s+)?[\w-]+:\s+)(\{#[^#\n"]*#\})\s*$/gm, '$1"$2"'));
    if (isRecord(root)) return root;
  } catch {
    // Reported like everything else that is no map.
  }
  report.refuse(`configuration.${name}.yaml`, "is no YAML map: its environment has the folder's own values");
  return {};
}

export function sortedValues(
  values: ReadonlyMap<string, EnvironmentValue>,
): Readonly<Record<string, EnvironmentValue>> {
  return Object.fromEntries([...values].toSorted(([a], [b]) => compare(a, b)));
}
