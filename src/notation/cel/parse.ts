import {
  type Environment,
  EvaluationError,
  ParseError,
  TypeError as CelTypeError,
  type ParseResult,
} from "@marcbachmann/cel-js";
import { environment } from "./environment.ts";
import { maxSourceLength } from "./limits.ts";
import { type CelProblem, sourceProblem } from "./source-rules.ts";

export type Parsed =
  | { readonly ok: true; readonly expression: ParseResult; readonly type: string }
  | { readonly ok: false; readonly problem: CelProblem };

/** Parses and checks one expression. Both who checks a definition and who runs it come through here. */
export function parseCel(source: string, names: Environment = environment): Parsed {
  if (source.length > maxSourceLength) {
    return failed(`an expression has at most ${maxSourceLength} characters`, maxSourceLength);
  }
  try {
    return checked(names.parse(source));
  } catch (error) {
    return problemOf(error);
  }
}

function checked(expression: ParseResult): Parsed {
  const problem = sourceProblem(expression.ast);
  if (problem !== undefined) return { ok: false, problem };
  const result = expression.check();
  if (!result.valid) return problemOf(result.error);
  return { ok: true, expression, type: result.type ?? "dyn" };
}

function problemOf(error: unknown): Parsed {
  if (error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError) {
    return failed(error.summary, error.range?.start ?? 0);
  }
  return failed("the expression cannot be read", 0);
}

function failed(message: string, offset: number): Parsed {
  return { ok: false, problem: { message, offset } };
}
