import { answeredClient } from "#model/body.ts";
import type { PartyRule } from "#model/approvals.ts";
import { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import { Activation } from "#notation/cel/activation.ts";
import { type CompiledCel, compileCel } from "#notation/cel/compile.ts";
import type { Fits } from "#products/who-decides.ts";

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
      return holds(new Activation(exchangeOf(principal, clock), clock)) === true;
    } catch {
      return false;
    }
  };
}

/** Nobody has sent a request: what a rule asks of one is empty. */
function exchangeOf(principal: Principal, clock: Clock): Exchange {
  const exchange = new Exchange(
    {
      id: "",
      startedAt: clock.now(),
      startedMono: clock.mono(),
      protocol: "HTTP/1.1",
      scheme: "https",
      method: "",
      host: "",
      authority: "",
      target: "",
      path: "",
      query: "",
      headers: new HeaderList(),
      body: null,
      upgrade: null,
      peerAddress: "",
      clientAddress: "",
      peerTrusted: false,
      tls: null,
    },
    answeredClient,
  );
  exchange.principal = principal;
  return exchange;
}
