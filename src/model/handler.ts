import type { PolicyNode } from "./policy-tree.ts";

/**
 * What ends a route: how a request that was let through is answered. A closed set, decided when the definition is
 * compiled; nobody but the pipeline runs one, and only with the exchange's permit.
 */
export type Handler = ProxyHandler | AnswerHandler;

/** The backend that the exchange's draft names. */
export interface ProxyHandler {
  readonly kind: "proxy";
}

/** A policy that answers: `return-response` for `respond`, `redirect` for `redirect`. */
export interface AnswerHandler {
  readonly kind: "answer";
  readonly policy: PolicyNode;
}
