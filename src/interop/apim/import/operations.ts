import { parse } from "yaml";
import { parseOperationTemplate, queryText } from "#notation/operation-template.ts";
import { Problems } from "#notation/problems.ts";
import { parseYaml } from "#notation/yaml/parse.ts";
import { readOpenApi } from "#notation/openapi/operations.ts";
import { isRecord } from "./information.ts";
import { plainName } from "./names.ts";
import { wadlOperations } from "./wadl.ts";
import { nameOfOperation, respelled, servable, type WrittenOperation } from "./written-operation.ts";

export interface ApiOperations {
  /** The document is usable as it is: its operations need not be written out. */
  readonly document: boolean;
  /** It has parameters of the query that are required. */
  readonly requiresQuery?: true;
  readonly operations: readonly WrittenOperation[];
  /** Those that cannot be served. */
  readonly problems: readonly string[];
}

const methods = /^(get|put|post|delete|options|head|patch|trace)$/i;

/** Operations of a specification: through the document itself when all of it can be served, else one by one. */
export function readOperations(path: string, text: string): ApiOperations {
  if (path.endsWith(".wadl")) return keepServable(wadlOperations(text));
  const problems = new Problems();
  const file = parseYaml(path, text, problems);
  const described = file === null ? [] : readOpenApi(file, problems, false, true);
  const ids = rawIds(text);
  const operations = described.map(({ name, method, template, query }) => {
    const whole = template + queryText(query);
    const id = ids.get(`${method} ${whole}`);
    return { name, method, path: whole, ...(id === undefined || id === name ? {} : { id }) };
  });
  const kept = keepServable(operations);
  if (problems.errorCount === 0 && kept.problems.length === 0) {
    const requiresQuery = described.some(({ requiredQuery = [] }) => requiredQuery.length > 0);
    return { ...kept, document: operations.length > 0, ...(requiresQuery ? { requiresQuery } : {}) };
  }
  const raw = rawOperations(text);
  if (raw !== undefined) return keepServable(raw);
  const messages = problems.sorted().map(({ at, message }) => `line ${at.line}: ${message}`);
  return { document: false, operations: [], problems: messages.slice(0, 5) };
}

/** Undefined for what is no OpenAPI document at all. */
function rawOperations(text: string): readonly WrittenOperation[] | undefined {
  const root = parsed(text);
  if (!isRecord(root) || !isRecord(root["paths"])) return undefined;
  return Object.entries(root["paths"]).flatMap(([path, item]) =>
    Object.entries(isRecord(item) ? item : {})
      .filter(([method]) => methods.test(method))
      .map(([method, operation]) => {
        const id = isRecord(operation) ? operation["operationId"] : undefined;
        const name = typeof id === "string" ? plainName(id) : nameOfOperation(method, path);
        const own = typeof id === "string" && id !== name ? { id } : {};
        return { name, ...own, method: method.toUpperCase(), path: servable(path) };
      }),
  );
}

/** By `GET /a/{b}`: what the document itself calls its operations. */
function rawIds(text: string): ReadonlyMap<string, string> {
  const raw = rawOperations(text) ?? [];
  return new Map(raw.map(({ name, id, method, path }) => [`${method} ${respelled(path)}`, id ?? name]));
}

function parsed(text: string): unknown {
  try {
    return parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

function keepServable(operations: readonly WrittenOperation[]): ApiOperations {
  const shapes = new Map<string, string>();
  const names = new Set<string>();
  const problems: string[] = [];
  const kept = operations.filter(({ name, method, path }) => {
    const template = parseOperationTemplate(path);
    const shape = "problem" in template ? "" : `${method} ${template.shape}`;
    const other = shapes.get(shape);
    if ("problem" in template) problems.push(`${method} ${path} (${name}): ${template.problem}`);
    else if (other !== undefined) problems.push(`${method} ${path} (${name}): ${other} matches the same requests`);
    else if (names.has(name)) problems.push(`${method} ${path}: another operation is called ${name}`);
    else {
      shapes.set(shape, name);
      names.add(name);
      return true;
    }
    return false;
  });
  return { document: false, operations: kept, problems };
}
