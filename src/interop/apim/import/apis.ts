import { parseTemplate } from "#notation/path-template.ts";
import { type ApiShape, shapeOf } from "./api-shape.ts";
import { compare } from "./artifacts.ts";
import { kindOf, ServiceBackends } from "./backends.ts";
import { importDiagnostics } from "./diagnostics.ts";
import type { Settings } from "./draft.ts";
import { type Import, policyFile } from "./import.ts";
import { type Resource, resourcesOf } from "./information.ts";
import { idOf } from "./names.ts";
import { operationPolicies } from "./operation-policies.ts";

/** An API of the folder: each revision is one. */
export interface ImportedApi {
  /** Without its revision. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly displayName: string;
  readonly needsKey: boolean;
}

/** APIs with their revisions, versions, operations and policies. */
export function importApis(context: Import): readonly ImportedApi[] {
  const services = new ServiceBackends();
  const resources = resourcesOf(context, "apis", "apiInformation.json").toSorted((a, b) => compare(a.id, b.id));
  for (const { id } of resources) context.apis.give(id);
  return resources.map((api) => importApi(context, api, services)).filter((api) => api !== undefined);
}

/** Of `forward-request`, where a policy does not say another one. */
const defaultTimeout = "300s";

function importApi(context: Import, api: Resource, services: ServiceBackends): ImportedApi | undefined {
  const { draft, report } = context;
  const { id, path, information } = api;
  const name = context.apis.give(id);
  const shape = shapeOf(context, api, name);
  const place = `/${(information.text("path") ?? "").replaceAll(/^\/+|\/+$/g, "")}`;
  const parsed = parseTemplate(place);
  if ("problem" in parsed || /[{}]/.test(place)) {
    report.refuse(path, `the API ${name} is left out: its path ${place} cannot be served`);
    draft.remarks.push(`${path}: left out, its path cannot be served`);
  }
  if (shape === undefined || "problem" in parsed || /[{}]/.test(place)) return undefined;
  const needsKey = information.flag("subscriptionRequired") !== false;
  const backend = services.use(context, name, id, information, path);
  if (backend === undefined) report.note(path, `${name} has no serviceUrl: its policies choose the backend, or answer`);
  const displayName = information.text("displayName") ?? name;
  const policies = operationPolicies(context, api, name, shape.operations);
  const settings = {
    displayName,
    path: place,
    ...versionOf(context, api, name),
    ...revisionOf(api),
    ...(shape.document === undefined ? {} : { openapi: shape.document }),
    ...(shape.matchQuery === undefined ? {} : { matchQuery: shape.matchQuery }),
    ...(shape.exact === true ? { rootSlash: false } : {}),
    graphql: shape.schema,
    wsdl: shape.wsdl,
    backend,
    timeout: defaultTimeout,
    ...accessOf(context, api, name, needsKey, policies.lost),
    subscriptionKey: keyOf(api),
    ...(shape.upgrades === undefined ? {} : { upgrades: shape.upgrades }),
    diagnostics: importDiagnostics(context, api.folder, name),
    policies: policyFile(context, `${api.folder}/policy.xml`, `apis/${name}/policy.xml`),
    operations: operationsOf(shape, policies.files),
  };
  draft.put("apis", name, settings, [path, ...shape.remarks]);
  report.map(path, `apis.${name}`);
  reportRest(context, api, name);
  return { id: id.replace(/;rev=\d+$/, ""), name, path, displayName, needsKey };
}

/** An operation that lost its policies may have lost what protected it: which one it is cannot be told. */
function accessOf(
  { report, draft }: Import,
  { path }: Resource,
  name: string,
  needsKey: boolean,
  lost: readonly string[],
): Settings {
  if (lost.length === 0) return needsKey ? {} : { access: "public" };
  const why = `${name} lets nobody in until you say who may call it: policies of ${lost.join(", ")} found no operation`;
  report.refuse(path, why);
  draft.remarks.push(`${path}: ${why}`);
  return { access: [{ deny: "true" }] };
}

/** Written out where the document does not have them; else what their policies are. */
function operationsOf(shape: ApiShape, policies: ReadonlyMap<string, string>): Settings | undefined {
  const written = shape.operations
    .filter((operation) => shape.document === undefined || policies.has(operation.name))
    .map((operation) => {
      const { method, path } = operation;
      const own = shape.document === undefined ? { method, path } : {};
      return [operation.name, { ...own, policies: policies.get(operation.name) }] as const;
    });
  return written.length === 0 && shape.document !== undefined ? undefined : Object.fromEntries(written);
}

function versionOf({ versionSets, report }: Import, { path, information }: Resource, name: string): Settings {
  const reference = information.text("apiVersionSetId");
  const version = information.text("apiVersion");
  if (reference === undefined) {
    if (version !== undefined) report.refuse(path, `${name} has the version ${version} and no version set`);
    return {};
  }
  const versionSet = versionSets.find(idOf(reference));
  if (versionSet === undefined) {
    report.refuse(path, `the version set ${reference} of ${name} is not in the folder`);
    return {};
  }
  const isInPath = version !== undefined && idOf(information.text("path") ?? "") === version;
  if (isInPath)
    report.note(path, `the path of ${name} ends with its version: where it is a segment, it stands there twice`);
  return { versionSet, version };
}

function revisionOf({ id, information }: Resource): Settings {
  const [, numbered] = /;rev=(\d{1,6})$/.exec(id) ?? [];
  const revision = Number(information.text("apiRevision") ?? numbered ?? 0);
  if (!Number.isInteger(revision) || revision < 1) return {};
  const isCurrent = information.flag("isCurrent") ?? numbered === undefined;
  return { revision, ...(isCurrent ? {} : { current: false }) };
}

/** The key goes on to the backend, as it does in API Management. */
function keyOf({ information }: Resource): Settings {
  const names = information.inner("subscriptionKeyParameterNames");
  return { header: names.text("header"), query: names.text("query"), forward: true };
}

function reportRest(
  { report, settled, artifacts }: Import,
  { folder, path, information }: Resource,
  name: string,
): void {
  const protocols = information.texts("protocols");
  if (protocols.includes("http")) report.note(path, `${name} is offered over http too: here, http leads to https`);
  const settings = information.inner("authenticationSettings");
  if (settings.names().length > 0) {
    report.note(path, `authenticationSettings of ${name} are for API Management's portal: its policies decide`);
  }
  for (const file of artifacts.texts.keys()) {
    if (!file.startsWith(`${folder}/resolvers/`)) continue;
    settled.add(file);
    report.refuse(file, `resolvers of ${name} are not supported: the GraphQL service itself is asked`);
  }
  if (kindOf(information) === "graphql" && information.text("serviceUrl") === undefined) {
    report.refuse(path, `${name} is made of resolvers alone, and has no GraphQL service to ask`);
  }
}
