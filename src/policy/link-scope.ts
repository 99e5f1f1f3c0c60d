import type { Exchange } from "#model/exchange.ts";
import type { Expression } from "#model/policy-tree.ts";

/** What expressions are linked for: those of one policy, when somebody wants to see their values. */
export interface LinkScope {
  readonly random: (() => number) | undefined;
  readonly evaluated:
    | ((expression: Expression, exchange: Exchange, value: unknown, error: unknown) => void)
    | undefined;
}

/**
 * Linking is synchronous, so what holds while a policy is linked can stand here instead of in the signature of
 * everything that takes a value. Once it is linked nothing of this is looked at: a request pays nothing.
 */
let scope: LinkScope | null = null;

export function withinScope<Linked>(inner: LinkScope, link: () => Linked): Linked {
  const outer = scope;
  scope = inner;
  try {
    return link();
  } finally {
    scope = outer;
  }
}

export function randomToLink(): (() => number) | undefined {
  return scope?.random;
}

/** The evaluation as it is, unless it is linked for somebody who wants to see its values. */
export function observed(
  expression: Expression,
  evaluate: (exchange: Exchange) => unknown,
): (exchange: Exchange) => unknown {
  const evaluated = scope?.evaluated;
  if (evaluated === undefined) return evaluate;
  return (exchange) => {
    let value: unknown;
    try {
      value = evaluate(exchange);
    } catch (error) {
      evaluated(expression, exchange, undefined, error);
      throw error;
    }
    evaluated(expression, exchange, value, undefined);
    return value;
  };
}
