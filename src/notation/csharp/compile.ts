import { GatewayError } from "#model/errors.ts";
import type { CsContext } from "./context/provider.ts";
import type { Code, Frame } from "./bind/bound.ts";
import { contextSlot, resultSlot } from "./bind/bound.ts";
import { bindExpressionText } from "./bind/bind-text.ts";
import type { Expectation } from "./bind/expectation.ts";
import { CsharpProblem } from "./syntax/problem.ts";
import { NetException } from "./value/net-exception.ts";
import { beginRun, endRun, LimitExceeded, type RunLimits, type RunSources, type RunSpent } from "./value/run.ts";

/** A C# expression that is ready to run. */
export interface CompiledCsharp {
  /** Read before it runs: the bodies have to be buffered. */
  readonly readsRequestBody: boolean;
  readonly readsResponseBody: boolean;
  /** C#'s name of the result's type. */
  readonly type: string;
  /**
   * @param spent by the request's expressions so far; what this one uses is added
   * @throws GatewayError `expression-failed`, with the kind of exception; {@link evaluationMessage} has its text
   */
  run(context: CsContext, limits?: RunLimits, sources?: RunSources, spent?: RunSpent): unknown;
}

/**
 * Links one policy expression, `@(…)` or `@{…}`.
 * @throws GatewayError `definition-invalid` for what {@link checkCsharp} has a problem with
 */
export function compileCsharp(source: string, expect: Expectation = "any"): CompiledCsharp {
  try {
    const { result, binder, shown } = bindExpressionText(source, expect);
    return { ...reads(binder.reads), type: shown, run: runner(result(), binder.scope.owner.size) };
  } catch (error) {
    if (!(error instanceof CsharpProblem)) throw error;
    throw new GatewayError("definition-invalid", 500, `expression: ${error.message}`);
  }
}

function reads(found: {
  readonly request: boolean;
  readonly response: boolean;
  readonly responseBody: boolean;
}): Pick<CompiledCsharp, "readsRequestBody" | "readsResponseBody"> {
  return { readsRequestBody: found.request, readsResponseBody: found.response && found.responseBody };
}

function runner(code: Code, size: number): CompiledCsharp["run"] {
  // A copy of an array is many times cheaper than a new one of a length.
  const empty: Frame = Array.from({ length: size });
  return (context, limits, sources, spent) => {
    beginRun(limits, sources, spent);
    const frame = empty.slice();
    frame[contextSlot] = context;
    frame[resultSlot] = null;
    try {
      return code(frame);
    } catch (error) {
      throw failure(error);
    } finally {
      if (spent !== undefined) endRun(spent);
    }
  };
}

function failure(error: unknown): GatewayError {
  // .NET's messages quote the values they are about, and those are the client's: they stay with the cause.
  const name = error instanceof NetException ? error.netType : reason(error);
  return new GatewayError("expression-failed", 500, `C# expression: ${name}`, { cause: error });
}

/** What `context.LastError.Message` says of a failed evaluation; undefined for an error that is none. */
export function evaluationMessage(error: unknown): string | undefined {
  if (!(error instanceof GatewayError) || error.code !== "expression-failed" || error.cause === undefined)
    return undefined;
  return `Expression evaluation failed. ${reason(error.cause)}`;
}

function reason(error: unknown): string {
  if (error instanceof NetException || error instanceof LimitExceeded) return error.message;
  // A nest of calls that is too deep ends as a RangeError of the engine.
  if (error instanceof RangeError) return "The expression is nested too deeply or makes too much data.";
  return "Internal error.";
}
