import { suggestion } from "#notation/nearest.ts";
import { NamedValues, type NamedValue } from "#notation/named-values.ts";
import type { Problems } from "#notation/problems.ts";
import type { ChosenEnvironment } from "./environments/choose.ts";
import type { Secrets } from "./secrets.ts";
import type { ValueInput } from "./table/environment.ts";

/** The values of an environment with its secrets fetched, and single values replaced from the command line. */
export async function readValues(
  environment: ChosenEnvironment,
  overrides: Readonly<Record<string, string>>,
  secrets: Secrets,
  problems: Problems,
): Promise<NamedValues> {
  const values = new Map<string, NamedValue>();
  for (const { name, value } of environment.input.values) {
    values.set(name, await resolve(value, environment.meant, secrets));
  }
  for (const [name, text] of Object.entries(overrides)) override(values, name, text, environment, problems);
  return new NamedValues(values);
}

/** Of an environment that is not the one meant, no secret is touched: its variables are of no concern here. */
async function resolve(value: ValueInput, meant: boolean, secrets: Secrets): Promise<NamedValue> {
  if (value.kind === "plain") return { secret: false, value: value.value, text: value.text };
  const found = meant ? await secrets.read(value) : undefined;
  return { secret: true, value: found?.reveal() ?? "", origin: found?.origin ?? "nowhere" };
}

function override(
  values: Map<string, NamedValue>,
  name: string,
  text: string,
  { at, name: environment }: ChosenEnvironment,
  problems: Problems,
): void {
  const before = values.get(name);
  if (before === undefined) {
    const fix = suggestion(name, [...values.keys()], (known) => `--set ${known}=…`);
    problems.error("value-unknown", at, `the environment ${environment} has no value ${name} to set`, fix);
  } else if (before.secret) {
    // Arguments of a process can be read by every user of the machine.
    problems.error("secret-plain", at, `the value ${name} is a secret and cannot be set by --set`);
  } else {
    values.set(name, { secret: false, value: typed(text), text });
  }
}

/** As YAML would have it without quotes. */
export function typed(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

/** A value nobody uses is a slip of the pen somewhere else. */
export function reportUnused(environment: ChosenEnvironment, values: NamedValues, problems: Problems): void {
  const unused = new Set(values.unused());
  for (const { name, at } of environment.input.values) {
    if (unused.has(name)) problems.warn("value-unused", at, `nothing uses the value ${name}`, "remove it");
  }
}
