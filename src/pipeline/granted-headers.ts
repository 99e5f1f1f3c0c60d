import { applyIdentityHeaders, removeIdentityHeaders } from "#identity/upstream-identity.ts";
import { uncarriedFields } from "#lib/uncarried-fields.ts";
import { headersOnly } from "#model/assertion.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { identityFieldNames } from "#model/identity-fields.ts";
import { addAssertion, type AssertionSigner } from "./identity-shown.ts";

/**
 * What the upstream would have got otherwise than the client sent it: the identity, and what policies wrote. A field
 * that would have been taken away stands there empty, and so does an identity field that has no value: the proxy copies
 * it over whatever the client sent, and nothing forged is left.
 *
 * @returns the name of a field that was changed and that no answer can carry
 */
export function grantedHeaders(exchange: Exchange, assertions: AssertionSigner): HeaderList | string {
  const { facts, request, principal, subscription, route } = exchange;
  const after = request.headers.clone();
  const shown = route?.identity ?? headersOnly;
  if (shown.headers) applyIdentityHeaders(after, principal, subscription);
  else removeIdentityHeaders(after);
  if (shown.assertion) addAssertion(after, exchange, assertions);
  const answer = new HeaderList(["Cache-Control", "no-store"]);
  for (const name of namesOf(facts.headers, after)) {
    const values = after.all(name.toLowerCase());
    // Cookies are told where people log in, also those that stayed: a proxy that copies the field may drop it otherwise.
    const isTold = exchange.api?.login === true && name.toLowerCase() === "cookie";
    if (!isTold && isSame(values, facts.headers.all(name.toLowerCase()))) continue;
    if (uncarriedFields.has(name.toLowerCase())) return name;
    for (const value of values.length === 0 ? [""] : values) answer.append(name, value);
  }
  for (const name of identityFieldNames) if (!answer.has(name.toLowerCase())) answer.append(name, "");
  return answer;
}

/** Each once, in the spelling that it comes in last. */
function namesOf(before: HeaderList, after: HeaderList): Iterable<string> {
  const names = new Map<string, string>();
  for (const { raw } of [before, after]) {
    for (let at = 0; at < raw.length; at += 2) names.set((raw[at] as string).toLowerCase(), raw[at] as string);
  }
  return names.values();
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((value, at) => value === right[at]);
}
