import { graphqlLibrary } from "#notation/graphql/library.ts";
import { kindOf } from "./backends.ts";
import type { Import } from "./import.ts";
import type { Resource } from "./information.ts";
import { readOperations } from "./operations.ts";
import type { WrittenOperation } from "./written-operation.ts";

/** What an API consists of. */
export interface ApiShape {
  /** Name of its OpenAPI document, when that is used. */
  readonly document?: string;
  /** Parameters of the query that it requires tell operations apart, as API Management has it unless told otherwise. */
  readonly matchQuery?: "required";
  readonly operations: readonly WrittenOperation[];
  readonly upgrades?: readonly string[];
  /** Name of its GraphQL schema. */
  readonly schema?: string;
  /** Name of its WSDL document. */
  readonly wsdl?: string;
  /** Its service is asked at its URL as it is, whatever slash stands behind the path of the API. */
  readonly exact?: true;
  /** Comments of its entry. */
  readonly remarks: readonly string[];
}

/** APIs whose operations are the same whatever they are about. */
const passedThrough: Readonly<Record<string, Omit<ApiShape, "remarks">>> = {
  soap: { operations: [{ name: "soap", method: "POST", path: "/" }], exact: true },
  graphql: { operations: [{ name: "graphql", method: "POST", path: "/" }], exact: true },
  websocket: {
    operations: [{ name: "onHandshake", method: "GET", path: "/{*rest}" }],
    upgrades: ["websocket"],
    exact: true,
  },
  grpc: { operations: [{ name: "grpc", method: "POST", path: "/{*rest}" }] },
};

/** Undefined, and reported, for a kind that cannot be served. */
export function shapeOf(context: Import, api: Resource, name: string): ApiShape | undefined {
  const kind = kindOf(api.information);
  const specification = specificationOf(context, api);
  const fixed = Object.hasOwn(passedThrough, kind) ? passedThrough[kind] : undefined;
  if (kind === "graphql" && fixed !== undefined && specification?.endsWith(".graphql") === true) {
    return { ...fixed, ...graphqlSchema(context, name, specification), remarks: ["graphql: passed through"] };
  }
  if (kind === "soap" && fixed !== undefined && specification?.endsWith(".wsdl") === true) {
    return { ...fixed, ...wsdlDocument(context, name, specification), remarks: ["soap: passed through"] };
  }
  if (fixed !== undefined) {
    if (specification !== undefined) {
      context.report.note(specification, `${name} is passed through as ${kind}: its specification is not looked at`);
    }
    return { ...fixed, remarks: [`${kind}: passed through`] };
  }
  if (kind === "http") return httpShape(context, api, name, specification);
  return leaveOut(context, api.path, name, `its kind, ${kind}, is not supported`);
}

/** For validate-graphql-request. One that cannot be read would keep the whole definition from loading. */
function graphqlSchema(
  { artifacts, draft, report, fill }: Import,
  name: string,
  specification: string,
): Pick<ApiShape, "schema"> {
  const text = fill(artifacts.texts.get(specification) ?? "");
  try {
    graphqlLibrary().buildSchema(text);
  } catch {
    report.note(specification, `${name} goes without its GraphQL schema: it cannot be read`);
    return {};
  }
  const to = `apis/${name}/schema.graphql`;
  report.map(specification, to);
  return { schema: draft.file(to, text) };
}

/** Looked at only where policies hold messages to it. */
function wsdlDocument(
  { artifacts, draft, report, fill }: Import,
  name: string,
  specification: string,
): Pick<ApiShape, "wsdl"> {
  const to = `apis/${name}/service.wsdl`;
  report.map(specification, to);
  return { wsdl: draft.file(to, fill(artifacts.texts.get(specification) ?? "")) };
}

function specificationOf({ artifacts, settled }: Import, { folder }: Resource): string | undefined {
  const kinds = ["yaml", "yml", "json", "wadl", "wsdl", "graphql", "proto", "xml"];
  const found = kinds.map((kind) => `${folder}/specification.${kind}`).filter((path) => artifacts.texts.has(path));
  for (const path of found) settled.add(path);
  return found[0];
}

function httpShape(
  context: Import,
  { path }: Resource,
  name: string,
  specification: string | undefined,
): ApiShape | undefined {
  const { artifacts, draft, report, fill } = context;
  if (specification === undefined) return leaveOut(context, path, name, "it has no specification");
  const text = fill(artifacts.texts.get(specification) ?? "");
  const { document, operations, problems, requiresQuery } = readOperations(specification, text);
  for (const problem of problems) report.refuse(specification, `${name} lacks an operation: ${problem}`);
  if (document) {
    const to = `apis/${name}/${specification.slice(specification.lastIndexOf("/") + 1)}`;
    report.map(specification, to);
    const matched = requiresQuery === true ? ({ matchQuery: "required" } as const) : {};
    return { document: draft.file(to, text), ...matched, operations, remarks: [] };
  }
  if (operations.length === 0) return leaveOut(context, path, name, "no operation of its specification can be served");
  report.map(specification, `apis.${name}.operations`);
  const remarks = [`operations from ${specification}`, ...problems.map((problem) => `left out: ${problem}`)];
  return { operations, remarks };
}

/** Serving everything instead would be more than the API offered. */
function leaveOut({ report, draft }: Import, path: string, name: string, why: string): undefined {
  report.refuse(path, `the API ${name} is left out: ${why}`);
  draft.remarks.push(`${path}: left out, ${why}`);
}
