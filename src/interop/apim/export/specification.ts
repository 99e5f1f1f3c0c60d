import { stringify } from "yaml";
import type { Api, Operation } from "#model/definition.ts";
import type { OpenApi, OpenDocument } from "#model/open-definition.ts";
import { queryText } from "#notation/operation-template.ts";
import { readOperations } from "#interop/apim/import/operations.ts";
import { kindOf } from "./api-kind.ts";
import type { Export } from "./export.ts";

/** `*` of the definition, written out: OpenAPI has no such method. */
const everyMethod = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/** What describes the API there: its own document as it is, or one of its operations. */
export function putSpecification(context: Export, api: Api, open: OpenApi, folder: string): void {
  const kind = kindOf(api, open);
  const { files } = context;
  if (kind === "graphql" && api.graphqlSchema !== undefined)
    files.set(`${folder}/specification.graphql`, api.graphqlSchema);
  if (kind === "soap" && open.wsdl !== null) files.set(`${folder}/specification.wsdl`, open.wsdl.text);
  if (kind !== "http") return;
  const { openapi } = open;
  const known = openapi === null ? false : isAllOf(openapi, api.operations);
  if (openapi !== null && known) {
    files.set(`${folder}/specification.${/\.json$/i.test(openapi.name) ? "json" : "yaml"}`, openapi.text);
    return;
  }
  if (openapi !== null) {
    context.report.change(
      `apis.${api.name}`,
      "has operations besides its document: all are written without their descriptions",
    );
  }
  if (api.operations.some(({ method }) => method === "*")) {
    context.report.change(`apis.${api.name}`, "operations for any method are one for each method there");
  }
  files.set(`${folder}/specification.yaml`, stringify(document(api), { lineWidth: 0 }));
}

/** Whether every operation is one of the document. */
function isAllOf({ name, text }: OpenDocument, operations: readonly Operation[]): boolean {
  const described = new Set(readOperations(name, text).operations.map((one) => one.name));
  return operations.every((operation) => described.has(operation.name));
}

/** As operations are called there: one for any method is several. */
export function shownOperations(operations: readonly Operation[]): readonly Operation[] {
  return operations.flatMap((operation) => {
    if (operation.method !== "*") return [operation];
    return everyMethod.map((method) => ({ ...operation, method, name: `${operation.name}-${method.toLowerCase()}` }));
  });
}

function document(api: Api): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of shownOperations(api.operations)) {
    const path = pathOf(operation);
    (paths[path] ??= {})[operation.method.toLowerCase()] = {
      operationId: operation.name,
      summary: operation.displayName,
      parameters: parametersOf(path),
      responses: { "200": { description: "" } },
    };
  }
  return { openapi: "3.0.1", info: { title: api.displayName, version: "1.0" }, paths };
}

/** The rest of a path is a star there. */
function pathOf({ template, query }: Operation): string {
  return template.replace(/\{\*[^}]*\}$/, "*") + queryText(query);
}

function parametersOf(path: string): readonly unknown[] {
  const [before = ""] = path.split("?", 1);
  return [...path.matchAll(/\{([^}]+)\}/g)].map(([whole, name]) => ({
    name,
    in: before.includes(whole) ? "path" : "query",
    required: true,
    schema: { type: "string" },
  }));
}
