import type { SourcePosition } from "#model/diagnostic.ts";
import type { Argument } from "#model/policy-tree.ts";
import { isWaiting } from "#notation/catalogue/is-waiting.ts";
import type { ArgumentSpec, PolicySpec } from "#notation/catalogue/spec.ts";
import type { Problems } from "#notation/problems.ts";

/**
 * Reports what the catalogue knows and the engine does not do yet. Never skipped: a policy that silently does not
 * run is how protection gets lost.
 *
 * @param open the document is only looked at: nothing runs by it
 */
export function checkSupport(
  problems: Problems,
  spec: PolicySpec,
  args: Readonly<Record<string, Argument>>,
  at: SourcePosition,
  positionOf: (argument: string) => SourcePosition | undefined,
  open: boolean = false,
): void {
  const refuse = (what: string, where: SourcePosition): void =>
    problems.error("policy-unsupported", where, `${spec.name}: ${what} is not supported yet`);
  if (isWaiting(spec)) {
    const message = `${spec.name} is not supported yet`;
    const fix = "a definition that uses it does not start";
    if (open && spec.pending === "checked") problems.warn("policy-unsupported", at, message, fix);
    else problems.error("policy-unsupported", at, message);
    return;
  }
  const caution = spec.caution?.(args);
  if (caution !== undefined) {
    const { argument, message, fix } = caution;
    problems.warn("policy-caution", positionOf(argument) ?? at, `${spec.name}: ${message}`, fix);
  }
  const whole = typeof spec.pending === "function" ? spec.pending(args) : undefined;
  if (whole !== undefined) refuse(whole, at);
  for (const [name, argument] of Object.entries(args)) {
    const argumentSpec = spec.args[name];
    const what = argumentSpec && unsupported(name, argumentSpec, argument);
    if (what !== undefined) refuse(what, positionOf(name) ?? at);
  }
}

/** What of an argument is not supported, or undefined. */
function unsupported(name: string, spec: ArgumentSpec, argument: Argument): string | undefined {
  if (spec.pending === true && !(argument.kind === "literal" && argument.value === spec.default)) return name;
  if (spec.pending === "expression" && (argument.kind === "expression" || argument.kind === "template")) {
    return `an expression for ${name}`;
  }
  if (argument.kind === "list") {
    const { items } = spec;
    return items && argument.items.map((item) => unsupported(name, items, item)).find((what) => what !== undefined);
  }
  return argument.kind === "map" ? unsupportedEntry(name, spec, argument.entries) : undefined;
}

function unsupportedEntry(
  name: string,
  { entries = {} }: ArgumentSpec,
  given: Readonly<Record<string, Argument>>,
): string | undefined {
  return Object.entries(given)
    .map(([entry, argument]) => entries[entry] && unsupported(`${entry} in ${name}`, entries[entry], argument))
    .find((what) => what !== undefined);
}
