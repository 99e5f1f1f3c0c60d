import { kindOf } from "./backends.ts";
import type { Import } from "./import.ts";
import type { Resource } from "./information.ts";
import { readOperations } from "./operations.ts";
import type { WrittenOperation } from "./written-operation.ts";

/** What an API consists of. */
export interface ApiShape {
  /** Name of its OpenAPI document, when that is used. */
  readonly document?: string;
  readonly operations: readonly WrittenOperation[];
  readonly upgrades?: readonly string[];
  /** Comments of its entry. */
  readonly remarks: readonly string[];
}

/** APIs whose operations are the same whatever they are about. */
const passedThrough: Readonly<Record<string, Omit<ApiShape, "remarks">>> = {
  soap: { operations: [{ name: "soap", method: "POST", path: "/" }] },
  graphql: { operations: [{ name: "graphql", method: "POST", path: "/" }] },
  websocket: { operations: [{ name: "onHandshake", method: "GET", path: "/{*rest}" }], upgrades: ["websocket"] },
  grpc: { operations: [{ name: "grpc", method: "POST", path: "/{*rest}" }] },
};

/** Undefined, and reported, for a kind that cannot be served. */
export function shapeOf(context: Import, api: Resource, name: string): ApiShape | undefined {
  const kind = kindOf(api.information);
  const specification = specificationOf(context, api);
  const fixed = Object.hasOwn(passedThrough, kind) ? passedThrough[kind] : undefined;
  if (fixed !== undefined) {
    if (specification !== undefined) {
      context.report.note(specification, `${name} is passed through as ${kind}: its specification is not looked at`);
    }
    return { ...fixed, remarks: [`${kind}: passed through`] };
  }
  if (kind === "http") return httpShape(context, api, name, specification);
  context.report.refuse(api.path, `the API ${name} is left out: its kind, ${kind}, is not supported`);
  context.draft.remarks.push(`${api.path}: left out, ${kind} is not supported`);
  return undefined;
}

function specificationOf({ artifacts, settled }: Import, { folder }: Resource): string | undefined {
  const kinds = ["yaml", "yml", "json", "wadl", "wsdl", "graphql", "proto", "xml"];
  const found = kinds.map((kind) => `${folder}/specification.${kind}`).filter((path) => artifacts.texts.has(path));
  for (const path of found) settled.add(path);
  return found[0];
}

function httpShape(context: Import, { path }: Resource, name: string, specification: string | undefined): ApiShape {
  const { artifacts, draft, report, fill } = context;
  if (specification === undefined) {
    report.refuse(path, `${name} has no specification, so none of its operations is known: write them`);
    return { operations: [], remarks: ["no specification: its operations are to be written"] };
  }
  const text = fill(artifacts.texts.get(specification) ?? "");
  const { document, operations, problems } = readOperations(specification, text);
  for (const problem of problems) report.refuse(specification, `${name} lacks an operation: ${problem}`);
  if (document) {
    const to = `apis/${name}/${specification.slice(specification.lastIndexOf("/") + 1)}`;
    report.map(specification, to);
    return { document: draft.file(to, text), operations, remarks: [] };
  }
  const remark = `operations from ${specification}`;
  if (operations.length > 0) report.map(specification, `apis.${name}.operations`);
  else report.refuse(specification, `no operation of ${name} can be served`);
  return { operations, remarks: [remark, ...problems.map((problem) => `left out: ${problem}`)] };
}
