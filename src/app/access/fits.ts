import type { PartyRule } from "#model/approvals.ts";
import type { Clock } from "#model/ports.ts";
import { Activation } from "#notation/cel/activation.ts";
import { type CompiledCel, compileCel } from "#notation/cel/compile.ts";
import type { Fits } from "#products/who-decides.ts";
import { madeExchange } from "./made-exchange.ts";

/** Asks rules over principals alone. One that fails, or gives no bool, means nobody. */
export function linkFits(clock: Clock): Fits {
  const compiled = new WeakMap<PartyRule, CompiledCel>();
  return (rule, principal) => {
    if (principal.kind === "anonymous") return false;
    if (rule.kind === "principal") return rule.id === principal.id;
    if (rule.kind === "group") return principal.groups.includes(rule.group);
    if (rule.kind === "role") return principal.roles.includes(rule.role);
    try {
      const holds = compiled.get(rule) ?? compileCel(rule.condition.source);
      compiled.set(rule, holds);
      return holds(new Activation(madeExchange(principal, clock), clock)) === true;
    } catch {
      return false;
    }
  };
}
