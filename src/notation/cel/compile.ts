import { EvaluationError } from "@marcbachmann/cel-js";
import { GatewayError } from "#model/errors.ts";
import type { Activation } from "./activation.ts";
import { parseCel } from "./parse.ts";

export type CompiledCel = (activation: Activation) => unknown;

/**
 * Links one expression. Integers come back as bigint, maps as Map or plain object, timestamps as Date.
 * @throws GatewayError `definition-invalid` here when the source does not check; `expression-failed` from the result
 *   when an evaluation fails. Its message names the part of the source, never a value: values are the client's.
 */
export function compileCel(source: string): CompiledCel {
  const parsed = parseCel(source);
  if (!parsed.ok) throw new GatewayError("definition-invalid", 500, `expression: ${parsed.problem.message}`);
  const { expression } = parsed;
  return (activation) => {
    try {
      return expression(activation as unknown as Record<string, unknown>);
    } catch (error) {
      throw failure(error, source);
    }
  };
}

function failure(error: unknown, source: string): GatewayError {
  if (!(error instanceof EvaluationError)) return new GatewayError("expression-failed", 500, "expression failed");
  const range = error.range;
  const part = range === undefined ? source : source.slice(range.start, Math.max(range.end, range.start + 1));
  return new GatewayError("expression-failed", 500, `${error.code} at \`${part.slice(0, 120)}\``);
}
