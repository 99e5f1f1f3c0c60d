import type { Access, Api, Operation } from "#model/definition.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { type AccessPolicies, accessPolicies } from "./access.ts";
import { authorizationPolicies } from "./authorization.ts";
import { backendPolicies } from "./backends.ts";
import type { Export } from "./export.ts";
import { literal, node } from "./nodes.ts";

/** What stands before the policies of an operation: who may call it, and which backend it goes to. */
export interface Lead extends AccessPolicies {
  readonly operation: Operation;
  /** What answers instead of a backend; null: a backend. */
  readonly answer: PolicyNode | null;
}

/** Leads of an API's operations. Rules that several operations share are looked at once. */
export function leadsOf(context: Export, api: Api): readonly Lead[] {
  const judged = new Map<Access, Map<boolean, AccessPolicies>>();
  return api.operations.map((operation) => {
    const access = operation.access.kind === "unsaid" ? api.access : operation.access;
    const certificate = operation.clientCertificate ?? api.clientCertificate;
    const known = judged.get(access) ?? new Map<boolean, AccessPolicies>();
    const policies = known.get(certificate) ?? accessPolicies(api, operation, context.definition, context.report);
    judged.set(access, known.set(certificate, policies));
    return leadOf(context, api, operation, policies);
  });
}

function leadOf(context: Export, api: Api, operation: Operation, access: AccessPolicies): Lead {
  const { report } = context;
  const owner = `apis.${api.name}`;
  const handler = operation.handler ?? api.handler;
  if (handler.kind !== "proxy" && handler.kind !== "answer") {
    const what = { files: "files from a folder", fastcgi: "scripts", acme: "an ACME server" }[handler.kind];
    report.refuse(owner, operation.at, `${api.name} answers with ${what}, which API Management does not have`);
  }
  const answer = handler.kind === "answer" ? handler.policy : null;
  if (answer !== null) report.change(owner, `${operation.name} is answered without policies of outbound there`);
  const target =
    answer === null
      ? [...backendPolicies(context, api, operation), ...authorizationPolicies(context, api, operation)]
      : [];
  return { ...access, nodes: [...access.nodes, ...target, ...keyPolicies(context, api)], operation, answer };
}

/** A key is for the gateway: there it would travel on to the backend. */
function keyPolicies({ definition }: Export, { name, subscriptionKey, at }: Api): readonly PolicyNode[] {
  const isHeld = definition.products.some(({ apis }) => apis.includes(name));
  if (subscriptionKey.forward || !isHeld) return [];
  const remove = literal("delete");
  return [
    node("set-header", at, { name: literal(subscriptionKey.header), ifExists: remove }),
    node("set-query-parameter", at, { name: literal(subscriptionKey.query), ifExists: remove }),
  ];
}

/** Whether all are the same, wherever they were written. */
export function areAlike(leads: readonly Lead[]): boolean {
  return new Set(leads.map(({ nodes, answer }) => JSON.stringify([nodes, answer], withoutPlaces))).size <= 1;
}

function withoutPlaces(key: string, value: unknown): unknown {
  return key === "at" ? undefined : value;
}
