import type { Outcome } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Expression } from "#model/policy-tree.ts";
import type { PolicyPorts, Run, StepPlace } from "./context.ts";
import { withinScope } from "./link-scope.ts";

/**
 * Sees what policies do, for whoever shows it to a person. It sees values as they are, secrets too: masking is its
 * business. A policy inside another begins and ends within that one.
 */
export interface PolicyObserver {
  begins(step: StepPlace, exchange: Exchange): void;
  /** An expression has given a value, or failed: then `error` is not undefined. */
  evaluated(step: StepPlace, expression: Expression, exchange: Exchange, value: unknown, error: unknown): void;
  /** `error` is what the policy threw; the runner makes a refusal of it. */
  ends(step: StepPlace, exchange: Exchange, outcome: Outcome, error: unknown): void;
}

/** Links a policy for its observer; where there is none, it is linked as it is. */
export function linkWithinScope(step: StepPlace, { observer, random }: PolicyPorts, link: () => Run): Run {
  if (observer === undefined && random === undefined) return link();
  const evaluated =
    observer && ((...[expression, ...rest]: Seen): void => observer.evaluated(step, expression, ...rest));
  const run = withinScope({ random, evaluated }, link);
  return observer === undefined ? run : watched(step, observer, run);
}

type Seen = [expression: Expression, exchange: Exchange, value: unknown, error: unknown];

function watched(step: StepPlace, observer: PolicyObserver, run: Run): Run {
  const failed = (exchange: Exchange, error: unknown): never => {
    observer.ends(step, exchange, undefined, error);
    throw error;
  };
  const ended = (exchange: Exchange, outcome: Outcome): Outcome => {
    observer.ends(step, exchange, outcome, undefined);
    return outcome;
  };
  return (exchange, signal) => {
    observer.begins(step, exchange);
    let result;
    try {
      result = run(exchange, signal);
    } catch (error) {
      return failed(exchange, error);
    }
    if (!(result instanceof Promise)) return ended(exchange, result);
    return result.then(
      (outcome) => ended(exchange, outcome),
      (error: unknown) => failed(exchange, error),
    );
  };
}
