import type { Exchange } from "#model/exchange.ts";
import type { DescribedParameter } from "#model/operation-description.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { argumentOf, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { checkValues } from "#policy/validation/check-value.ts";
import { type Action, evaluateAction, Findings } from "#policy/validation/findings.ts";
import { linkNamedActions, optionalAction } from "#policy/validation/named-actions.ts";
import { isStandardField } from "#policy/validation/standard-fields.ts";
import type { Evaluate } from "#policy/values.ts";

type Place = DescribedParameter["place"];

/** The nearest setting wins: of the parameter, of its place, of all. */
interface PlaceActions {
  readonly specified: Evaluate<Action>;
  readonly unspecified: Evaluate<Action>;
  readonly single: ReadonlyMap<string, Evaluate<Action>>;
}

export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { clock } = ports;
  const specified = evaluateAction(requiredValue(node, "specifiedParameterAction"), clock);
  const unspecified = evaluateAction(requiredValue(node, "unspecifiedParameterAction"), clock);
  const of = (name: string): PlaceActions => linkPlace(argumentOf(node, name), { specified, unspecified }, clock);
  const places: Readonly<Record<Place, PlaceActions>> = { path: of("path"), query: of("query"), header: of("headers") };
  return (exchange) => {
    const findings = new Findings(exchange);
    const parameters = exchange.route?.description?.parameters ?? [];
    for (const place of ["path", "query", "header"] as const) {
      const described = parameters.filter((parameter) => parameter.place === place);
      check(exchange, place, described, places[place], findings);
    }
    return findings.conclude(node, true);
  };
}

function linkPlace(
  place: Argument | undefined,
  all: Pick<PlaceActions, "specified" | "unspecified">,
  clock: Clock,
): PlaceActions {
  const entries = place?.kind === "map" ? place.entries : {};
  return {
    specified: optionalAction(entries["specifiedParameterAction"], clock) ?? all.specified,
    unspecified: optionalAction(entries["unspecifiedParameterAction"], clock) ?? all.unspecified,
    single: linkNamedActions(entries["parameters"], clock),
  };
}

function check(
  exchange: Exchange,
  place: Place,
  described: readonly DescribedParameter[],
  { specified, unspecified, single }: PlaceActions,
  findings: Findings,
): void {
  const sent = sentOf(exchange, place);
  const known = new Set<string>();
  for (const parameter of described) {
    const key = keyOf(place, parameter.name);
    known.add(key);
    const problem = problemOf(parameter, sent.get(key) ?? []);
    if (problem === undefined) continue;
    const action = (single.get(parameter.name.toLowerCase()) ?? specified)(exchange);
    findings.add(action, parameter.name, `${place}-parameter`, "IncorrectMessage", problem);
  }
  if (place === "path") return;
  // They are there, or the operation would not have been meant.
  if (place === "query") for (const { key } of exchange.route?.query ?? []) known.add(keyOf(place, key));
  for (const key of sent.keys()) {
    if (known.has(key) || isOurs(exchange, place, key)) continue;
    const action = (single.get(key.toLowerCase()) ?? unspecified)(exchange);
    const details = `Unspecified ${place} parameter ${key.slice(0, 100)} is not allowed.`;
    findings.add(action, key.slice(0, 100), `${place}-parameter`, "Unspecified", details);
  }
}

function problemOf(parameter: DescribedParameter, values: readonly string[]): string | undefined {
  const what = `the ${parameter.place} parameter ${parameter.name}`;
  if (values.length === 0) return parameter.required ? `The request lacks ${what}.` : undefined;
  if (values.length > 1 && parameter.list === "commas") return `Request cannot contain multiple values for ${what}.`;
  const wrong = checkValues(values, parameter);
  return wrong === undefined ? undefined : `The value of ${what} does not conform to the definition. ${wrong}`;
}

/** Names of header fields are the same in any case. */
function keyOf(place: Place, name: string): string {
  return place === "header" ? name.toLowerCase() : name;
}

function sentOf({ facts, parameters }: Exchange, place: Place): ReadonlyMap<string, readonly string[]> {
  const sent = new Map<string, string[]>();
  const add = (name: string, value: string): void => {
    const values = sent.get(name);
    if (values === undefined) sent.set(name, [value]);
    else values.push(value);
  };
  if (place === "path") for (const [name, value] of Object.entries(parameters)) add(name, value);
  else if (place === "query") for (const [name, value] of new URLSearchParams(facts.query)) add(name, value);
  else {
    const { raw } = facts.headers;
    for (let at = 0; at + 1 < raw.length; at += 2) add((raw[at] as string).toLowerCase(), raw[at + 1] as string);
  }
  return sent;
}

/** What HTTP and this gateway themselves have is nobody's parameter. */
function isOurs({ api }: Exchange, place: Place, key: string): boolean {
  const { header, query } = api?.subscriptionKey ?? { header: "", query: "" };
  return place === "header" ? isStandardField(key) || key === header.toLowerCase() : key === query;
}
