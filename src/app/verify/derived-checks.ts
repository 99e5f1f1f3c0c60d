import { AccessCheck, type AccessVerdict } from "#app/access/access-check.ts";
import type { Api, Definition, Operation } from "#model/definition.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import type { Clock } from "#model/ports.ts";
import { sampleRequest } from "./sample-request.ts";

/** One request, whom it is by, and what the definition says to it. */
export interface DerivedCheck {
  readonly api: string;
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  /** `nobody`, or the name of a token. */
  readonly as: string;
  readonly due: DueAnswer;
}

export type DueAnswer =
  | { readonly kind: "refused"; readonly status: number; readonly reason: string }
  | { readonly kind: "allowed" }
  /** The sample does not meet the operation, or cannot be judged. */
  | { readonly kind: "unknown"; readonly why: string };

/** Somebody with a token that is sent. */
export interface Bearer {
  readonly name: string;
  readonly token: string;
  readonly principal: Principal;
}

/**
 * What follows from the definition without a word more: each operation, once by nobody and once by everybody with a
 * token, and the answer that its compiled routes and rules give.
 */
export function derivedChecks(
  definition: Definition,
  clock: Clock,
  bearers: readonly Pick<Bearer, "name" | "principal">[],
): readonly DerivedCheck[] {
  const access = new AccessCheck(definition, clock);
  const everybody = [{ name: "nobody", principal: anonymous }, ...bearers];
  return definition.apis.flatMap((api) =>
    api.operations.flatMap((operation) =>
      everybody.map(({ name, principal }) => derived(definition, access, api, operation, name, principal)),
    ),
  );
}

function derived(
  definition: Definition,
  access: AccessCheck,
  api: Api,
  operation: Operation,
  as: string,
  principal: Principal,
): DerivedCheck {
  const { method, url } = sampleRequest(definition, api, operation);
  const verdict = access.ask({ method, url, headers: [], clientAddress: "127.0.0.1" }, principal);
  return { api: api.name, operation: operation.name, method, url, as, due: dueOf(verdict, api, operation) };
}

function dueOf({ route, allowed, refusal }: AccessVerdict, api: Api, operation: Operation): DueAnswer {
  if (route?.api !== api.name || route.operation !== operation.name) {
    const who = route === null ? "nothing" : `${route.api} ${route.operation}`;
    return { kind: "unknown", why: `a request that fits its path goes to ${who}` };
  }
  if (api.maintenance !== null) return { kind: "unknown", why: "it is in maintenance" };
  if (allowed || refusal === null) return { kind: "allowed" };
  return { kind: "refused", status: refusal.status, reason: refusal.reason };
}
