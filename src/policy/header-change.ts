import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { PolicyNode, Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { fieldNameProblem } from "#notation/catalogue/field-names.ts";
import { requiredValue, valuesOf } from "./arguments.ts";
import { expressionFailed } from "./failure.ts";
import { safeFieldValue } from "./field-value.ts";
import { type Evaluate, evaluateString } from "./values.ts";

/** Fields whose values stay lines of their own: a comma is part of their syntax, or they must not be joined. */
const notJoined: ReadonlySet<string> = new Set([
  "user-agent",
  "www-authenticate",
  "proxy-authenticate",
  "cookie",
  "set-cookie",
  "warning",
  "date",
  "expires",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "retry-after",
]);

/** A `set-header` node, for whichever message it changes. */
export interface HeaderChange {
  /** Checked: no policy writes the framing fields. */
  readonly name: Evaluate<string>;
  /** override, skip, append or delete. */
  readonly action: Evaluate<string>;
  readonly values: readonly Evaluate<string>[];
}

const actions: ReadonlySet<string> = new Set(["override", "skip", "append", "delete"]);

export function linkHeaderChange(node: PolicyNode, clock: Clock): HeaderChange {
  return {
    name: linkName(requiredValue(node, "name"), clock),
    action: linkAction(node, clock),
    values: valuesOf(node, "values").map((value) => evaluateString(value, clock)),
  };
}

/** One that is written out is checked here, so that no request pays for it. */
function linkName(given: Value, clock: Clock): Evaluate<string> {
  const name = evaluateString(given, clock);
  if (given.kind === "literal" && fieldNameProblem(String(given.value)) === undefined) return name;
  return (exchange) => checkedName(name(exchange));
}

/** What to do when the name is there already: of headers and query parameters. */
export function linkAction(node: PolicyNode, clock: Clock): Evaluate<string> {
  const value = requiredValue(node, "ifExists");
  const action = evaluateString(value, clock);
  if (value.kind === "literal") return action;
  return (exchange) => {
    const text = action(exchange).toLowerCase();
    if (actions.has(text)) return text;
    throw expressionFailed(`${node.name}: ${JSON.stringify(text.slice(0, 40))} is no action`);
  };
}

/** Checked when it runs too: a computed name must not reach Transfer-Encoding or carry a line end. */
function checkedName(name: string): string {
  const problem = fieldNameProblem(name);
  if (problem !== undefined) throw expressionFailed(`set-header: ${problem}`);
  return name;
}

export function changeHeader(
  headers: HeaderList,
  name: string,
  action: string,
  values: readonly Evaluate<string>[],
  exchange: Exchange,
): void {
  const lowerName = name.toLowerCase();
  if (action === "override" && values.length === 1) {
    const value = safeFieldValue((values[0] as Evaluate<string>)(exchange));
    headers.delete(lowerName);
    return headers.append(name, value);
  }
  if (action === "skip" && headers.has(lowerName)) return;
  const added = action === "delete" ? [] : values.map((value) => safeFieldValue(value(exchange)));
  const joined = !notJoined.has(lowerName);
  const kept = action === "append" && joined ? headers.all(lowerName) : [];
  if (action !== "append" || joined) headers.delete(lowerName);
  write(headers, name, [...kept, ...added], joined);
}

function write(headers: HeaderList, name: string, values: readonly string[], joined: boolean): void {
  if (values.length === 0) return;
  if (joined) headers.append(name, values.join(","));
  else for (const value of values) headers.append(name, value);
}
