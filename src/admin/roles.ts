import type { RemoteAdmin, RoleRule } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import { Activation } from "#notation/cel/activation.ts";
import { compileCel } from "#notation/cel/compile.ts";

/** `caller`: whoever is known, and has a token for the admin API. */
export type AdminRole = "caller" | "viewer" | "operator";

/** Whether whoever makes the call has the role. */
export type HasRole = (exchange: Exchange, role: AdminRole) => boolean;

/** Links the roles of a definition. A rule that fails gives nothing to anybody. */
export function linkRoles({ viewer, operator }: RemoteAdmin["roles"], clock: Clock): HasRole {
  const isOperator = linkRule(operator, clock);
  const isViewer = linkRule(viewer, clock);
  return (exchange, role) => {
    if (role === "caller") return exchange.principal.kind !== "anonymous";
    return isOperator(exchange) || (role === "viewer" && isViewer(exchange));
  };
}

function linkRule(rule: RoleRule | null, clock: Clock): (exchange: Exchange) => boolean {
  if (rule === null) return () => false;
  if (rule.kind === "group") return ({ principal }) => principal.groups.includes(rule.group);
  const holds = compileCel(rule.condition.source);
  return (exchange) => {
    try {
      return holds(new Activation(exchange, clock)) === true;
    } catch {
      return false;
    }
  };
}
