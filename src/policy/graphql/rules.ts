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

type RuleAction = FieldAction | "ignore";

interface LinkedRule {
  readonly path: string;
  readonly action: Evaluate<RuleAction>;
}

/** What one request is held to. */
export interface Rules {
  readonly actionOf: (place: FieldPlace) => FieldAction;
  /** Rules for types that only a schema can tell. */
  readonly needSchema: boolean;
}

/** Rules whose actions are computed. `null`: that failed, which matters where a field comes to it. */
export type PlainRules = readonly { readonly path: string; readonly action: RuleAction | null }[];

export interface ReadyRules {
  readonly plain: PlainRules;
  /** What computing the action of a rule threw, by its index. */
  readonly failures: readonly unknown[];
}

/** A field came to a rule whose action could not be computed. */
export class FailedRule extends Error {
  readonly index: number;

  constructor(index: number) {
    super("an action could not be computed");
    this.index = index;
  }
}

export interface LinkedRules {
  /** Each action is computed when a field comes to it, and at most once. */
  readonly lazily: (exchange: Exchange) => Rules;
  /** All are computed now: for another thread. */
  readonly ready: (exchange: Exchange) => ReadyRules;
}

const strictness: readonly FieldAction[] = ["allow", "remove", "reject"];

export function linkRules(node: PolicyNode, clock: Clock): LinkedRules {
  // The most specific decides, of equal ones the first: a path without a star, then the longest.
  const rules = listOf(argumentOf(node, "authorize"))
    .map((item) => linkRule(item, clock))
    .toSorted((one, other) => weightOf(other.path) - weightOf(one.path));
  const paths = rules.map(({ path }) => path);
  return {
    lazily: (exchange) => {
      const computed = new Map<LinkedRule, RuleAction>();
      return decidedBy(paths, (index) => {
        const rule = rules[index] as LinkedRule;
        const action = computed.get(rule) ?? rule.action(exchange);
        computed.set(rule, action);
        return action;
      });
    },
    ready: (exchange) => {
      const failures: unknown[] = [];
      const plain = rules.map(({ path, action }, index) => {
        try {
          return { path, action: action(exchange) };
        } catch (error) {
          failures[index] = error;
          return { path, action: null };
        }
      });
      return { plain, failures };
    },
  };
}

/** Rules as another thread has them: already in their order. */
export function rulesOf(plain: PlainRules): Rules {
  return decidedBy(
    plain.map(({ path }) => path),
    (index) => {
      const action = plain[index]?.action ?? null;
      if (action === null) throw new FailedRule(index);
      return action;
    },
  );
}

function decidedBy(paths: readonly string[], actionAt: (index: number) => RuleAction): Rules {
  const decide = (path: string): FieldAction => {
    for (const [index, rule] of paths.entries()) {
      if (!matches(rule, path)) continue;
      const action = actionAt(index);
      if (action !== "ignore") return action;
    }
    return "allow";
  };
  return {
    needSchema: paths.some(needsGraphqlSchema),
    actionOf: (place) => pathsOf(place).map(decide).reduce(stricter, "allow"),
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

function actionIn(text: string): RuleAction {
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
