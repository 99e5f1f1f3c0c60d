import type { Exchange } from "#model/exchange.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { needsGraphqlSchema } from "#notation/graphql/rule-path.ts";
import { argumentOf, listOf } from "#policy/arguments.ts";
import { expressionFailed } from "#policy/failure.ts";
import { type Evaluate, evaluateString, isValue } from "#policy/values.ts";

export type FieldAction = "allow" | "remove" | "reject";

/** A field that is asked for: as what it is known to the rules. */
export interface FieldPlace {
  /** Types that it may be a field of; empty: nobody knows. */
  readonly types: readonly string[];
  /** It is asked for at the top. */
  readonly atTop: boolean;
  readonly field: string;
}

interface LinkedRule {
  readonly path: string;
  readonly action: Evaluate<FieldAction | "ignore">;
}

/** What one request is held to: each action is computed at most once. */
export interface Rules {
  readonly actionOf: (place: FieldPlace) => FieldAction;
  /** Rules for types that only a schema can tell. */
  readonly needSchema: boolean;
}

const strictness: readonly FieldAction[] = ["allow", "remove", "reject"];

export function linkRules(node: PolicyNode, clock: Clock): (exchange: Exchange) => Rules {
  // The most specific decides, of equal ones the first: a path without a star, then the longest.
  const rules = listOf(argumentOf(node, "authorize"))
    .map((item) => linkRule(item, clock))
    .toSorted((one, other) => weightOf(other.path) - weightOf(one.path));
  const needSchema = rules.some(({ path }) => needsGraphqlSchema(path));
  return (exchange) => {
    const computed = new Map<LinkedRule, FieldAction | "ignore">();
    const decide = (path: string): FieldAction => {
      for (const rule of rules) {
        if (!matches(rule.path, path)) continue;
        const action = computed.get(rule) ?? rule.action(exchange);
        computed.set(rule, action);
        if (action !== "ignore") return action;
      }
      return "allow";
    };
    return { needSchema, actionOf: (place) => pathsOf(place).map(decide).reduce(stricter, "allow") };
  };
}

function linkRule(item: Argument, clock: Clock): LinkedRule {
  const { path, action } = item.kind === "map" ? item.entries : {};
  const said = isValue(action) ? evaluateString(action, clock) : () => "allow";
  return {
    path: path?.kind === "literal" ? String(path.value) : "",
    action: (exchange) => actionIn(said(exchange).toLowerCase()),
  };
}

function actionIn(text: string): FieldAction | "ignore" {
  if (text === "allow" || text === "remove" || text === "reject" || text === "ignore") return text;
  // What an example of the reference says.
  if (text === "deny") return "reject";
  throw expressionFailed("an action is allow, remove, reject or ignore");
}

function weightOf(path: string): number {
  return path.endsWith("*") ? path.length : 1_000_000;
}

function matches(rule: string, path: string): boolean {
  return rule.endsWith("*") ? path.startsWith(rule.slice(0, -1)) : rule === path;
}

function pathsOf({ types, atTop, field }: FieldPlace): readonly string[] {
  const paths = types.map((type) => `/${type}/${field}`);
  return atTop ? [...paths, `/${field}`] : paths;
}

function stricter(one: FieldAction, other: FieldAction): FieldAction {
  return strictness.indexOf(one) >= strictness.indexOf(other) ? one : other;
}
