import type { Api, Operation } from "#model/definition.ts";
import type { OpenApi } from "#model/open-definition.ts";
import type { PolicyDocument, PolicyNode } from "#model/policy-tree.ts";
import type { TokenNames } from "#notation/cel-csharp/principal.ts";
import { type AccessPolicies, accessPolicies } from "./access.ts";
import { apiInformation } from "./api-information.ts";
import { backendPolicies } from "./backends.ts";
import { exportDiagnostic } from "./diagnostics.ts";
import { apimPolicies, type Export, putInformation, putPolicies } from "./export.ts";
import { plainName } from "#interop/apim/import/names.ts";
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
  if (answer !== null) {
    report.change(`apis.${api.name}`, `${operation.name} is answered without policies of outbound there`);
  }
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
  const document = apimPolicies(context, owner, open.policies, sharedToken(context, owner, leads));
  if (!isEmptyDocument(document)) {
    putPolicies(context, owner, `${folder}/policy.xml`, complete(document, false, api.at));
  }
  for (const lead of leads) {
    const own = open.operations.get(lead.operation.name) ?? {};
    const led = apimPolicies(context, owner, ledBy(own, lead), lead.token);
    if (!isEmptyDocument(led)) putOperation(context, owner, folder, lead.operation.name, led, lead);
  }
}

/** What policies of the API can know of the caller, where some of its operations look at tokens and some do not. */
function sharedToken({ report }: Export, owner: string, leads: readonly Lead[]): TokenNames | null {
  const token = leads.find((lead) => lead.token !== null)?.token ?? null;
  const without = leads.filter((lead) => lead.token === null).map(({ operation }) => operation.name);
  if (token === null || without.length === 0) return token;
  report.change(owner, `principal: there, nobody is known in ${without.join(", ")}, where no rule asks who calls`);
  return { ...token, certain: false };
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
    const path = `${folder}/operations/${plainName(one.name)}/policy.xml`;
    if (context.files.has(path)) {
      context.report.refuse(owner, operation.at, `${one.name} and another operation have one name there`);
    }
    putPolicies(context, owner, path, complete(document, false, operation.at));
  }
}
