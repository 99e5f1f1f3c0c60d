import type { Api, Operation } from "#model/definition.ts";
import type { OpenApi } from "#model/open-definition.ts";
import type { PolicyDocument } from "#model/policy-tree.ts";
import { plainName } from "#interop/apim/import/names.ts";
import { apiInformation } from "./api-information.ts";
import { exportDiagnostic } from "./diagnostics.ts";
import { apimPolicies, type Export, putInformation, putPolicies } from "./export.ts";
import { tokenOfDocument, tokenOfLeads } from "./known-token.ts";
import { areAlike, type Lead, leadsOf } from "./leads.ts";
import { folderOf } from "./revisions.ts";
import { beginsWithBase, complete, isEmptyDocument, precededBy } from "./sections.ts";
import { putSpecification, shownOperations } from "./specification.ts";

/** An API and where it goes. */
interface Place {
  readonly owner: string;
  readonly folder: string;
  readonly api: Api;
  readonly open: OpenApi;
}

export function exportApis(context: Export): void {
  const { definition } = context;
  const written = new Map(context.open.apis.map((one) => [one.name, one]));
  for (const api of definition.apis) {
    const open = written.get(api.name);
    const folder = `apis/${folderOf(api, definition.apis)}`;
    if (open !== undefined) exportApi(context, { owner: `apis.${api.name}`, folder, api, open });
  }
}

function exportApi(context: Export, place: Place): void {
  const { owner, folder, api, open } = place;
  const leads = leadsOf(context, api);
  const [shared] = leads;
  if (shared !== undefined && areAlike(leads)) putShared(context, place, shared);
  else putApart(context, place, leads);
  context.tokens.set(api.name, leads.some(({ token }) => token === null) ? null : (shared?.token ?? null));
  putInformation(context, `${folder}/apiInformation.json`, apiInformation(context, api, open));
  exportDiagnostic(context, api, folder);
  putSpecification(context, api, open, folder);
  if (!context.report.refused(owner)) context.report.map(owner, folder);
}

/** All operations are led to in the same way: before the policies of the API, and where an operation skips those. */
function putShared(context: Export, place: Place, lead: Lead): void {
  const { owner, folder, api, open } = place;
  const token = lead.token ?? tokenOfDocument(open.policies, context.definition);
  const document = apimPolicies(context, owner, ledBy(open.policies, lead), token);
  if (!isEmptyDocument(document))
    putPolicies(context, owner, `${folder}/policy.xml`, complete(document, false, api.at));
  const operations = new Map(api.operations.map((operation) => [operation.name, operation]));
  for (const [name, own] of open.operations) {
    const operation = operations.get(name);
    if (operation === undefined) continue;
    const isInside = beginsWithBase(own);
    const led = isInside ? own : precededBy(own, lead.nodes, operation.at);
    const known = tokenOfDocument(own, context.definition) ?? (isInside ? token : lead.token);
    putOperation(context, place, operation, apimPolicies(context, owner, led, lead.token ?? known));
  }
}

/** Operations are led to differently: each before its own policies. */
function putApart(context: Export, place: Place, leads: readonly Lead[]): void {
  const { owner, folder, api, open } = place;
  const token = tokenOfLeads(leads) ?? tokenOfDocument(open.policies, context.definition);
  const document = apimPolicies(context, owner, open.policies, token);
  if (!isEmptyDocument(document))
    putPolicies(context, owner, `${folder}/policy.xml`, complete(document, false, api.at));
  for (const lead of leads) {
    const own = open.operations.get(lead.operation.name) ?? {};
    const known = lead.token ?? tokenOfDocument(own, context.definition);
    const led = apimPolicies(context, owner, ledBy(own, lead), known);
    if (!isEmptyDocument(led)) putOperation(context, place, lead.operation, led);
  }
}

function ledBy(document: PolicyDocument, { nodes, answer, operation }: Lead): PolicyDocument {
  const led = precededBy(document, nodes, operation.at);
  return answer === null ? led : { ...led, backend: [answer] };
}

/** Under each name that the operation has there. */
function putOperation(context: Export, { owner, folder }: Place, operation: Operation, document: PolicyDocument): void {
  for (const { name } of shownOperations([operation])) {
    const path = `${folder}/operations/${plainName(name)}/policy.xml`;
    if (context.files.has(path)) {
      context.report.refuse(owner, operation.at, `${name} and another operation have one name there`);
    }
    putPolicies(context, owner, path, complete(document, false, operation.at));
  }
}
