import type { Operation } from "#model/definition.ts";
import type { QueryRule } from "#model/query-rule.ts";
import { suggestion } from "#notation/nearest.ts";
import type { DescribedOperation } from "#notation/openapi/operations.ts";
import { queryShape } from "#notation/operation-template.ts";
import { shapeOf } from "#notation/path-template.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import { buildDiagnostic } from "./diagnostics.ts";
import { buildHandler } from "./handler.ts";
import { buildShadow } from "./shadow.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ApiInput } from "#config/table/api.ts";
import type { OperationInput } from "#config/table/operation.ts";

/**
 * The operations of an API: those of its OpenAPI document with the definition's settings laid over, and those of the
 * definition itself. An API that names none has one for everything.
 */
export function buildOperations(api: Named<ApiInput>, resources: Resources, problems: Problems): readonly Operation[] {
  const { openapi, operations } = api.value;
  if (openapi === undefined && operations === undefined) return [everything(api)];
  const described = openapi === undefined ? [] : resources.documents.get(openapi.value);
  const inline = operations?.value ?? [];
  const names = new Map((described ?? []).map((operation) => [operation.name, operation]));
  const own = inline
    .filter(({ name }) => !names.has(name))
    .map((operation) => buildOwn(api, operation, described === undefined, [...names.keys()], resources, problems));
  const laidOver = new Map(inline.map((operation) => [operation.name, operation]));
  const all = matchedBy(described ?? [], api.value.matchQuery).map((operation) =>
    overlay(api, operation, laidOver.get(operation.name), resources, problems),
  );
  const built = [...all, ...own.filter((operation) => operation !== undefined)];
  if (built.length === 0 && own.length === 0 && described !== undefined) {
    const at = operations?.at ?? openapi?.at ?? api.at;
    problems.error(
      "value-invalid",
      at,
      `the API ${api.name} has no operations`,
      "leave operations out for one operation that takes everything",
    );
  }
  checkDistinct(api.name, built, problems);
  return built;
}

/** One for all: ten thousand operations without examples need not have a list each. */
const noExamples: Operation["examples"] = Object.freeze([]);

/** What an operation leaves to its API. */
const nothingSaid: Omit<Operation, keyof DescribedOperation> = {
  access: { kind: "unsaid" },
  clientCertificate: null,
  policies: {},
  backend: null,
  handler: null,
  bodyBytes: null,
  upgrades: null,
};

function everything({ at }: Named<ApiInput>): Operation {
  return {
    name: "all",
    displayName: "All requests",
    method: "*",
    template: "/{*rest}",
    ...nothingSaid,
    examples: noExamples,
    description: null,
    at,
  };
}

function overlay(
  api: Named<ApiInput>,
  operation: DescribedOperation,
  settings: Named<OperationInput> | undefined,
  resources: Resources,
  problems: Problems,
): Operation {
  if (settings === undefined) return { ...operation, ...nothingSaid };
  const { value, at } = settings;
  for (const fixed of [value.method, value.path]) {
    if (fixed === undefined) continue;
    const message = `method and path of ${operation.name} are those of the OpenAPI document`;
    problems.error("operation-fixed", fixed.at, message, "leave it out, or change the document");
  }
  const { displayName = operation.displayName } = value;
  return { ...operation, ...said(api, settings, resources, problems), displayName, at };
}

function said(
  api: Named<ApiInput>,
  { name, value }: Named<OperationInput>,
  resources: Resources,
  problems: Problems,
): typeof nothingSaid {
  return {
    access: value.access,
    clientCertificate: value.clientCertificate === undefined ? null : value.clientCertificate === "require",
    policies: value.policies,
    backend: value.backend?.value ?? null,
    handler: buildHandler(`the operation ${name}`, value, resources, problems),
    bodyBytes: value.bodySize ?? null,
    upgrades: value.upgrades ?? null,
    ...buildDiagnostic(value.diagnostics),
    ...buildShadow(value.shadow, api.value.subscriptionKey, resources, problems),
  };
}

function buildOwn(
  api: Named<ApiInput>,
  own: Named<OperationInput>,
  documentMissing: boolean,
  known: readonly string[],
  resources: Resources,
  problems: Problems,
): Operation | undefined {
  const { name, at, value } = own;
  const { method, path, displayName = name } = value;
  if (method !== undefined && path !== undefined) {
    if (method.value === "" || path.value.template === "") return undefined;
    return {
      name,
      displayName,
      method: method.value,
      template: path.value.template,
      ...ruled(path.value.query),
      ...said(api, own, resources, problems),
      examples: noExamples,
      description: null,
      at,
    };
  }
  // It may be an operation of the document that could not be read.
  if (documentMissing) return undefined;
  const unknown = method === undefined && path === undefined && known.length > 0;
  const message = unknown
    ? `the OpenAPI document of ${api.name} has no operation ${name}`
    : `the operation ${name} lacks ${method === undefined ? "its method" : "its path"}`;
  const fix = unknown ? suggestion(name, known, (one) => one) : "write method: GET and path: /…";
  problems.error(unknown ? "reference-unknown" : "key-missing", at, message, fix);
  return undefined;
}

/** Parameters of the query that the document requires tell operations apart, where the API says so. */
function matchedBy(
  described: readonly DescribedOperation[],
  matchQuery: ApiInput["matchQuery"],
): readonly DescribedOperation[] {
  if (matchQuery !== "required") return described;
  return described.map(({ requiredQuery = [], ...operation }) => {
    const { query = [], template } = operation;
    const named = requiredQuery.filter(
      (name) => !query.some(({ key }) => key === name) && !template.includes(`{${name}}`),
    );
    const rules = named.map((name): QueryRule => ({ key: name, parameter: name, text: null }));
    return { ...operation, ...ruled([...query, ...rules]) };
  });
}

function ruled(query: readonly QueryRule[]): Pick<Operation, "query"> {
  return query.length === 0 ? {} : { query };
}

function checkDistinct(api: string, operations: readonly Operation[], problems: Problems): void {
  const names = new Set<string>();
  const shapes = new Map<string, string>();
  for (const { name, method, template, query = [], at } of operations) {
    if (names.has(name)) {
      problems.error(
        "operation-duplicate",
        at,
        `${api} has two operations called ${name}`,
        "give each its own operationId",
      );
    }
    names.add(name);
    const form = `${method} ${shapeOf(template)}${queryShape(query)}`;
    const other = shapes.get(form);
    if (other !== undefined) {
      problems.error(
        "operation-duplicate",
        at,
        `${name} and ${other} match the same requests: ${method} ${template}`,
        "keep one of them",
      );
    }
    shapes.set(form, name);
  }
}
