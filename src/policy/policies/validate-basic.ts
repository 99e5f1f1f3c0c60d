import { type Outcome, refuse } from "#model/decision.ts";
import { basicIssuer } from "#model/basic-users.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { literalText, literalTexts } from "#policy/arguments.ts";
import type { Run } from "#policy/context.ts";

/** Why a password that was sent has made nobody. */
const notes: ReadonlySet<ReasonCode> = new Set([
  "password-invalid",
  "password-attempts-exceeded",
  "password-check-unavailable",
  "cross-site-request",
]);

/** Passwords were checked before any policy ran: here it only narrows who of those who are known may go on. */
export function link(node: PolicyNode): Run {
  const issuer = basicIssuer(literalText(node, "users") ?? "");
  const names = new Set(literalTexts(node, "names"));
  const realm = literalText(node, "realm");
  const variable = literalText(node, "outputVariable");
  return (exchange) => {
    const { principal } = exchange;
    const isUser = principal.authMethod === "basic" && principal.issuer === issuer;
    if (!isUser || (names.size > 0 && !names.has(principal.subject))) return refused(exchange, realm);
    if (variable !== undefined) exchange.setVariable(variable, principal.subject);
    return undefined;
  };
}

/** One who is known and not of these is asked again, as somebody else might sit there: 401 as for nobody. */
function refused({ identityNote, api }: Exchange, realm: string | undefined): Outcome {
  const reason = identityNote !== null && notes.has(identityNote) ? identityNote : "credentials-missing";
  const isAsked = reason === "password-invalid" || reason === "credentials-missing";
  const asked = `Basic realm="${realm ?? api?.basic?.realm ?? "restricted"}"`;
  return refuse(reason, isAsked ? { headers: ["WWW-Authenticate", asked] } : {});
}
