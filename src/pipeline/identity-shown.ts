import type { Assertions } from "#identity/assertions.ts";
import { isCaller } from "#identity/upstream-identity.ts";
import { headersOnly, type IdentityShown } from "#model/assertion.ts";
import type { Backend } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";

export type AssertionSigner = Pick<Assertions, "for">;

/**
 * What the destination of this attempt is told of who calls. A backend that a policy chose goes by its own setting, and a
 * place that is no backend never gets an assertion: it is good for the API's own.
 */
export function identityShown(
  { request, route }: Exchange,
  backends: readonly Pick<Backend, "identity">[],
): IdentityShown {
  if (request.baseUrl !== null) return headersOnly;
  const own = route?.identity ?? headersOnly;
  return request.backend === (route?.backend ?? -1) ? own : (backends[request.backend]?.identity ?? headersOnly);
}

/** Nobody in particular is asserted by nothing, nor whose key it was. The audience is the API. */
export function addAssertion(headers: HeaderList, { principal, api }: Exchange, assertions: AssertionSigner): void {
  if (!isCaller(principal)) return;
  headers.append("X-Sallyport-Assertion", assertions.for(principal, api?.name ?? ""));
}
