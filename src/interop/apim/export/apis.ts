import type { Api, Operation } from "#model/definition.ts";
import type { OpenApi } from "#model/open-definition.ts";
import type { PolicyDocument, PolicyNode } from "#model/policy-tree.ts";
import { type AccessPolicies, accessPolicies } from "./access.ts";
import { apiInformation } from "./api-information.ts";
import { backendPolicies } from "./backends.ts";
import { exportDiagnostic } from "./diagnostics.ts";
import { apimPolicies, type Export, putInformation, putPolicies } from "./export.ts";
import { literal, node } from "./nodes.ts";
import { folderOf } from "./revisions.ts";
import { beginsWithBase, complete, isEmptyDocument, precededBy } from "./sections.ts";
import { putSpecification, shownOperations } from "./specification.ts";

/** What stands before the policies of an operation: who may call it, and which backend it goes to. */
interface Lead extends AccessPolicies {
  readonly operation: Operation;
  /** What answers instead of a backend; null: a backend. */
  readonly answer: PolicyNode | null;
}

export function exportApis(context: Export): void {
  const { definition, open } = context;
  for (const api of definition.apis) {
    const written = open.apis.find(({ name }) => name === api.name);
    if (written !== undefined) exportApi(context, api, written);
  }
}

function exportApi(context: Export, api: Api, open: OpenApi): void {
  const { report, definition } = context;
  const owner = `apis.${api.name}`;
  const folder = `apis/${folderOf(api, definition.apis)}`;
  const leads = api.operations.map((operation) => leadOf(context, api, operation));
  const isShared = new Set(leads.map(({ nodes, answer }) => JSON.stringify([nodes, answer], withoutPlaces))).size <= 1;
  const [shared] = leads;
  if (isShared && shared !== undefined) putShared(context, owner, folder, open, shared);
  else putApart(context, api, folder, open, leads);
  putInformation(context, `${folder}/apiInformation.json`, apiInformation(context, api, open));
  exportDiagnostic(context, api, folder);
  putSpecification(context, api, open, folder);
  if (!report.refused(owner)) report.map(owner, folder);
}

function withoutPlaces(key: string, value: unknown): unknown {
  return key === "at" ? undefined : value;
}

function leadOf(context: Export, api: Api, operation: Operation): Lead {
  const { definition, report } = context;
  const access = accessPolicies(api, operation, definition, report);
  const handler = operation.handler ?? api.handler;
  if (handler.kind !== "proxy" && handler.kind !== "answer") {
    const what = { files: "files from a folder", fastcgi: "scripts", acme: "an ACME server" }[handler.kind];
    report.refuse(
      `apis.${api.name}`,
      operation.at,
      `${api.name} answers with ${what}, which API Management does not have`,
    );
  }
  const answer = handler.kind === "answer" ? handler.policy : null;
  const target = answer === null ? backendPolicies(context, api, operation) : [];
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

/** All operations are led to in the same way: before the policies of the API, and where an operation skips those. */
function putShared(context: Export, owner: string, folder: string, open: OpenApi, lead: Lead): void {
  const { policies, operations } = open;
  const document = apimPolicies(context, owner, ledBy(policies, lead), lead.token);
  if (!isEmptyDocument(document)) {
    putPolicies(context, owner, `${folder}/policy.xml`, complete(document, false, lead.operation.at));
  }
  for (const [name, own] of operations) {
    const led = beginsWithBase(own) ? own : precededBy(own, lead.nodes, lead.operation.at);
    putOperation(context, owner, folder, name, apimPolicies(context, owner, led, lead.token), lead);
  }
}

/** Operations are led to differently: each before its own policies. */
function putApart(context: Export, api: Api, folder: string, open: OpenApi, leads: readonly Lead[]): void {
  const owner = `apis.${api.name}`;
  const tokens = new Set(leads.map(({ token }) => JSON.stringify(token)));
  const [first] = leads;
  const document = apimPolicies(
    context,
    owner,
    open.policies,
    tokens.size === 1 && first !== undefined ? first.token : null,
  );
  if (!isEmptyDocument(document)) {
    putPolicies(context, owner, `${folder}/policy.xml`, complete(document, false, api.at));
  }
  for (const lead of leads) {
    const own = open.operations.get(lead.operation.name) ?? {};
    const led = apimPolicies(context, owner, ledBy(own, lead), lead.token);
    if (!isEmptyDocument(led)) putOperation(context, owner, folder, lead.operation.name, led, lead);
  }
}

function ledBy(document: PolicyDocument, { nodes, answer, operation }: Lead): PolicyDocument {
  const led = precededBy(document, nodes, operation.at);
  return answer === null ? led : { ...led, backend: [answer] };
}

/** Under each name that the operation has there. */
function putOperation(
  context: Export,
  owner: string,
  folder: string,
  name: string,
  document: PolicyDocument,
  { operation }: Lead,
): void {
  const own = context.definition.apis.find((api) => `apis.${api.name}` === owner)?.operations ?? [];
  const shown = shownOperations(own.filter((one) => one.name === name));
  for (const one of shown) {
    putPolicies(context, owner, `${folder}/operations/${one.name}/policy.xml`, complete(document, false, operation.at));
  }
}
