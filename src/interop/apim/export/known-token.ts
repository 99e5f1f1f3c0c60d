import type { Definition } from "#model/definition.ts";
import type { PolicyDocument } from "#model/policy-tree.ts";
import type { TokenNames } from "#notation/cel-csharp/principal.ts";
import type { Export } from "./export.ts";
import type { Lead } from "./leads.ts";
import { tokenNames } from "./token-checks.ts";

/** What policies of an API can know of the caller, where some of its operations look at tokens and some do not. */
export function tokenOfLeads(leads: readonly Lead[]): TokenNames | null {
  const token = leads.find((lead) => lead.token !== null)?.token ?? null;
  const without = leads.filter((lead) => lead.token === null).map(({ operation }) => operation.name);
  if (token === null || without.length === 0) return token;
  const caution = `principal: there, nobody is known in ${without.join(", ")}, where no rule asks who calls`;
  return { ...token, certain: false, caution };
}

/** The token that a `validate-jwt` of the document itself leaves in a variable, of a provider of the definition. */
export function tokenOfDocument({ inbound = [] }: PolicyDocument, { providers }: Definition): TokenNames | null {
  for (const { name, args } of inbound) {
    const { provider, outputVariable } = args;
    if (name !== "validate-jwt" || provider?.kind !== "literal" || outputVariable?.kind !== "literal") continue;
    const own = providers.filter((one) => one.name === provider.value);
    const found = tokenNames(own, String(outputVariable.value));
    const caution = "principal: there, it is known from validate-jwt on, and nobody before";
    return found === null ? null : { ...found, caution };
  }
  return null;
}

/** What a broader scope can know: its policies run behind those of each API, where all of these look at a token. */
export function tokenOfAll({ tokens }: Export, apis: readonly string[]): TokenNames | null {
  const all = apis.map((name) => tokens.get(name) ?? null);
  const [first = null] = all;
  return first === null || all.includes(null) ? null : { ...first, certain: false };
}
