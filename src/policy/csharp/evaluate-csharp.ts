import type { Exchange } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import { compileCsharp } from "#notation/csharp/compile.ts";
import { expressionLimits } from "./expression-limits.ts";
import { ExchangeContext } from "./exchange-context.ts";

/**
 * Links a C# expression. Its result keeps its .NET type: see `notation/csharp/value/net-object.ts`.
 * @param secret a secret value is in the source, so it tells the record nothing
 */
export function evaluateCsharp(
  source: string,
  clock: Clock,
  random: () => number = Math.random,
  secret = false,
): (exchange: Exchange) => unknown {
  const compiled = compileCsharp(source);
  const sources = { now: () => clock.now(), random };
  return (exchange) =>
    compiled.run(new ExchangeContext(exchange, clock, secret), expressionLimits(), sources, exchange);
}
